// What the pages say when something is wrong: intents, token, permissions, Discord itself.
import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';
import { BOT_ROLE, GUILD, HOME } from '../lib/seed.mjs';

const d = desk('status');

/** Loads a page until it says something. */
async function says(page, path, text) {
  await until(`${path} to say ${text}`, async () => {
    await page.goto(path);
    return (await page.getByText(text).count()) > 0;
  });
  await assertAccessible(page);
}

d.test('all is well', async ({ page }) => {
  await says(page, '/status', 'Everything works.');
  assert.equal(await page.locator('.lines .badge-good').count(), 4);
});

d.test('a permission that the bot lacks is named on the server’s pages, to those who can grant it', async ({ page, newContext, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto(HOME);
  assert.equal(await page.getByText('The bot lacks permissions').count(), 0);
  const all = 0x10000000 | 0x10 | 0x400 | 0x800 | 0x2000 | 0x4000 | 0x8000 | 0x10000 | 0x40000;
  const set = (permissions) => discord.call('PATCH', `/control/guilds/${GUILD}/roles/${BOT_ROLE}`, { permissions: String(permissions) });
  await set(all & ~0x2000 & ~0x10);
  await says(page, HOME, 'The bot lacks permissions on this server');
  assert.deepEqual(await page.locator('.bullets li').allInnerTexts(), ['Manage Channels', 'Manage Messages']);
  await set(all);
  await until('the warning to go', async () => {
    await page.goto(HOME);
    return (await page.getByText('The bot lacks permissions').count()) === 0;
  });
});

d.test('Discord does not answer: a page says so, with the right status', async ({ page, signIn, discord }) => {
  // Signing in leads to the list of servers, and what it holds is remembered for a minute.
  await discord.post('/control/faults', { kind: 'status', status: 503, method: 'GET', route: '/users/@me/guilds' });
  await signIn(page, 'sam');
  const answer = await page.goto('/servers');
  assert.equal(answer.status(), 503);
  await page.getByRole('heading', { level: 1, name: 'Discord does not answer' }).waitFor();
  await assertAccessible(page);
  await discord.call('DELETE', '/control/faults');
});

d.test('without message contents the bot works, and both pages say what is missing', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await discord.call('PATCH', '/control/application', { intents: { message_content: false, members: false } });
  await says(page, '/status', 'works without message contents');
  await page.getByText('Message Content Intent').waitFor();
  await says(page, HOME, 'Message contents are missing');
});

d.test('when Discord refuses the intents altogether the bot cannot work, and the pages stay', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await discord.wait('session');
  await discord.post('/control/gateway', { do: 'close', code: 4014 });
  await says(page, '/status', 'Discord refuses the intents');
  await page.getByText('Privileged Gateway Intents').waitFor();
  await says(page, HOME, 'The bot cannot work at the moment');
});
