// Looking for words: on a server's page, in one transcript, in one's own; with JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const d = desk('search');
const story = {};

d.test('two tickets, one of them closed', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_title: 'Help' }), discord, 'Help');
  const [mia, noah] = await Promise.all(['mia', 'noah'].map((name) => discord.person(name)));
  story.closed = await openTicket(discord, mia, panel);
  story.open = await openTicket(discord, noah, panel);
  await mia.send(story.closed.channel, 'Where is my lighthouse keeper’s refund?');
  await mia.send(story.closed.channel, 'The refund <b>was</b> promised, see https://shop.example/refunds');
  await noah.send(story.open.channel, 'A refund for me too');
  assert.match((await post(page, `${HOME}/tickets/${story.closed.id}`, { action: 'close' })).search, /done=close/);
  await until('the transcript to be stored', async () => {
    await page.goto(`/transcripts/${story.closed.id}`);
    return (await page.getByText('is open').count()) === 0;
  });
});

const hits = (page) => page.locator('.hit-words').allInnerTexts();
const ask = async (page, words) => {
  await page.getByRole('searchbox').fill(words);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.waitForURL(/[?&]q=/);
};

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';

  d.test(`staff find what was said in open and closed tickets${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await signIn(page, 'sam');
    await page.goto(HOME);
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Search transcripts' }).waitFor();
    await ask(page, 'refund');
    await until('all three', async () => {
      await page.reload();
      return (await hits(page)).length === 3;
    });
    assert.deepEqual(await page.locator('.hit mark').allInnerTexts(), ['refund', 'refund', 'refunds', 'refund']);
    assert.equal((await hits(page))[1], 'The refund <b>was</b> promised, see https://shop.example/refunds');
    // Both look by a script of their own.
    if (javaScriptEnabled) {
      await assertAccessible(page);
      await page.setViewportSize({ width: 320, height: 700 });
      await assertFitsWidth(page);
    }
    await ask(page, '"refund for me"');
    assert.deepEqual(await hits(page), ['A refund for me too']);
    await ask(page, 'lighthouse keeper has:link');
    await page.getByText('Nothing found').waitFor();
    await ask(page, 'before:soon');
    await page.getByText('comes a day').waitFor();
    await ask(page, 'lighthouse');
    await page.getByRole('link', { name: /Open in ticket/ }).click();
    await page.getByText('Where is my lighthouse keeper’s refund?').waitFor();
  });
}

d.test('members find their own words and nobody else’s', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  await page.goto('/transcripts');
  await ask(page, 'refund');
  assert.equal((await hits(page)).length, 2);
  await page.goto(`/transcripts/${story.closed.id}`);
  await ask(page, 'promised');
  assert.equal((await hits(page)).length, 1);
  await assertAccessible(page);
  assert.equal((await page.goto(`/transcripts/${story.open.id}?q=refund`)).status(), 404);
  assert.equal((await page.goto(`${HOME}/search?q=refund`)).status(), 404);
});
