// The bot's token is no longer good: the pages stay and say so.
import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';
import { HOME } from '../lib/seed.mjs';

const d = desk('token');

d.test('the status page and the server’s page name the token', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto(HOME);
  await discord.call('PATCH', '/control/application', { token_revoked: true });
  await until('the status page to say so', async () => {
    await page.goto('/status');
    return (await page.getByText('the bot token is not valid').count()) > 0;
  });
  await page.getByText('DISCORD_TOKEN').waitFor();
  await assertAccessible(page);
  const answer = await page.goto(HOME);
  assert.ok([200, 503].includes(answer.status()));
  await page.getByText('the bot token is not valid').first().waitFor();
  await assertAccessible(page);
  // One's own things stay in reach.
  assert.equal((await page.goto('/transcripts')).status(), 200);
  assert.equal((await page.goto('/account')).status(), 200);
});
