// What is held of a server: told to those who manage it, with the holds and what the next deletion removes. With
// JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('held');
const HELD = `${HOME}/held`;
const story = {};

/** The text of a row whose first cell begins so. */
async function row(page, name) {
  const found = page.locator('main tbody tr').filter({ hasText: name });
  return (await found.first().innerText()).replace(/\s+/g, ' ');
}

d.test('a closed ticket under a hold, and one that is open', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?' }), discord, 'Need a hand?');
  const [mia, noah] = await Promise.all(['mia', 'noah'].map((name) => discord.person(name)));
  story.closed = await openTicket(discord, mia, panel, []);
  await mia.send(story.closed.channel, 'xylophone');
  await post(page, `${HOME}/tickets/${story.closed.id}`, { action: 'close' });
  await openTicket(discord, noah, panel, []);
  await until('the transcript to be stored', async () => {
    await page.goto(`/transcripts/${story.closed.id}`);
    return (await page.locator('dt', { hasText: 'Closed by' }).count()) === 1;
  });
  await post(page, `/transcripts/${story.closed.id}/hold`, { action: 'place', reason: 'The Miller case' });
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`the page tells what is held, ${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto(HOME);
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.waitForURL((url) => url.pathname === HELD);
    await page.getByRole('heading', { level: 1, name: 'What is held of this server' }).waitFor();
    assert.match(await row(page, 'Tickets that are over'), / 1 .* For ever, as the settings say You, for the server/);
    assert.match(await row(page, 'Tickets in work'), / 1 .* Until the ticket is over/);
    assert.match(await row(page, 'Audit log'), /The oldest is deleted on .* Wardesk/);
    const hold = await row(page, 'The Miller case');
    assert.match(hold, /^Ticket 1 The Miller case/);
    const link = page.getByRole('link', { name: 'Ticket 1' });
    assert.equal(await link.getAttribute('href'), `${HOME}/tickets/${story.closed.id}`);
    assert.match(await page.locator('#next').innerText(), /Nothing of this server is due/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `held-${javaScriptEnabled ? 'js' : 'plain'}`);
  });
}

d.test('nobody else sees it', async ({ page, signIn, discord }) => {
  const rita = await newPerson(discord, 'rita', 'Rita');
  await discord.call('PUT', `/control/guilds/${GUILD}/members/${rita.id}/roles/410000000000000001`);
  await signIn(page, 'rita');
  assert.equal((await page.goto(HELD)).status(), 404);
});
