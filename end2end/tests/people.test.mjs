// Staff find the person to let into a ticket by name. Told with JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { BOT, HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('people');
const story = {};

d.test('a ticket, and many people with like names', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?' }), discord, 'Need a hand?');
  story.ticket = await openTicket(discord, await discord.person('mia'), panel);
  story.path = `${HOME}/tickets/${story.ticket.id}`;
  for (let index = 1; index <= 12; index += 1) await newPerson(discord, `alex_${index}`, `Alex ${String(index).padStart(2, '0')}`);
});

for (const javaScriptEnabled of [true, false]) {
  const scripts = javaScriptEnabled ? 'with scripts' : 'without';
  const context = { javaScriptEnabled };

  d.test(`found by name, by user name and by id, ${scripts}`, { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'sam');
    await page.goto(story.path);
    const look = async (text) => {
      await page.getByRole('searchbox', { name: 'Add a person' }).fill(text);
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await page.waitForURL((url) => url.searchParams.get('who') === text && url.hash === '#people');
      assert.equal(await page.getByRole('searchbox', { name: 'Add a person' }).inputValue(), text);
    };
    await look('alex');
    assert.equal(await page.locator('.found').count(), 10);
    await page.getByText('Here are the first 10.').waitFor();
    if (javaScriptEnabled) await assertAccessible(page);
    await look('Alex 12');
    assert.match(await page.locator('.found').innerText(), /Alex 12[^]*@alex_12/);
    await look('@noah');
    const noah = await discord.person('noah');
    await page.getByRole('button', { name: 'Add Noah' }).waitFor();
    await look(noah.id);
    assert.equal(await page.locator('.found').count(), 1);
    await page.getByRole('button', { name: 'Add Noah' }).click();
    await page.getByText('The person is being added.').waitFor();
    await look('noah');
    assert.match(await page.locator('.found').innerText(), /in the ticket/, 'who is in cannot be added');
    assert.equal(await page.locator('.found button').count(), 0);
    await look('mia');
    assert.match(await page.locator('.found').innerText(), /in the ticket/, 'nor can the opener');
    await look('nobody like this');
    await page.getByText('Nobody on this server has a name that begins so.').waitFor();
    await page.getByRole('button', { name: 'Remove Noah' }).click();
    await page.getByText('The person is being removed.').waitFor();
  });
}

d.test('the bot itself is there already: it cannot be let in, and so not be shown out', async ({ page, signIn }) => {
  await signIn(page, 'sam');
  assert.match((await post(page, story.path, { action: 'add', user: BOT })).search, /problem=stale/);
  assert.match((await post(page, story.path, { action: 'remove', user: BOT })).search, /problem=stale/);
  await page.goto(`${story.path}?who=${BOT}`);
  assert.equal(await page.locator('.found').count(), 0);
});

d.test('an outage of Discord is told, and the page stays', async ({ page, signIn, discord }) => {
  await signIn(page, 'sam');
  await page.goto(story.path);
  await discord.post('/control/faults', { kind: 'status', status: 503, method: 'GET', route: '/guilds/{guild_id}/members/search' });
  const answer = await page.goto(`${story.path}?who=outage`);
  assert.equal(answer.status(), 200);
  await page.getByText('Discord does not answer, so nobody can be found.').waitFor();
  await assertAccessible(page);
  await discord.call('DELETE', '/control/faults');
});

d.test('the opener and others cannot look for people, and long texts ask nobody', async ({ page, newContext, signIn, discord }) => {
  const asked = async () => (await discord.get(`/control/journal?${new URLSearchParams({ route: '/guilds/{guild_id}/members/search' })}`)).entries.length;
  await signIn(page, 'sam');
  const before = await asked();
  for (const text of ['x'.repeat(33), 'x'.repeat(5000), ' @ ', '\u0007']) {
    assert.equal((await page.goto(`${story.path}?${new URLSearchParams({ who: text })}`)).status(), 200);
  }
  assert.equal(await asked(), before);
  for (const who of ['mia', 'noah']) {
    const other = await (await newContext()).newPage();
    await signIn(other, who);
    await other.goto(`${story.path}?who=alex`);
    assert.equal(await other.locator('.found').count(), 0, who);
    assert.equal(await other.getByRole('searchbox', { name: 'Add a person' }).count(), 0);
    const refused = await post(other, story.path, { action: 'add', user: (await discord.person('noah')).id });
    assert.ok(refused.status === 404, `${who}: ${JSON.stringify(refused)}`);
  }
  assert.equal(await asked(), before);
});
