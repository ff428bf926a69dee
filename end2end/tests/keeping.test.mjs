// A transcript is held, parts of it are redacted, and who is let read it reads it. Told with JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post, save } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('keeping');
const story = {};

d.test('two closed tickets, one with somebody added', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?' }), discord, 'Need a hand?');
  const [mia, noah] = await Promise.all(['mia', 'noah'].map((name) => discord.person(name)));
  story.tickets = [];
  for (const number of [1, 2]) {
    const ticket = await openTicket(discord, mia, panel, []);
    assert.match((await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'add', user: noah.id })).search, /done=add/);
    const secret = await mia.send(ticket.channel, `xylophone ${number}`);
    await mia.send(ticket.channel, 'My card is 4111 1111 1111 1111, thanks');
    await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close' });
    story.tickets.push({ ...ticket, secret: secret.id });
    await until('the transcript to be stored', async () => {
      await page.goto(`/transcripts/${ticket.id}`);
      return (await page.locator('dt', { hasText: 'Closed by' }).count()) === 1;
    });
  }
});

d.test('whoever was added reads while the server allows it; a chosen role reads too', async ({ page, newContext, signIn, discord }) => {
  const path = `/transcripts/${story.tickets[0].id}`;
  await signIn(page, 'olivia');
  const others = {};
  const rita = await newPerson(discord, 'rita', 'Rita');
  // Before she signs in: what she may do is remembered for a minute.
  const role = await discord.post(`/control/guilds/${GUILD}/roles`, { name: 'Auditors' });
  await discord.call('PUT', `/control/guilds/${GUILD}/members/${rita.id}/roles/${role.id}`);
  for (const name of ['noah', 'rita']) {
    const context = await newContext();
    others[name] = await context.newPage();
    await signIn(others[name], name);
  }
  const status = async (name) => (await others[name].goto(path)).status();
  assert.equal(await status('noah'), 200);
  await others.noah.goto('/transcripts');
  assert.equal(await others.noah.locator('tbody tr').count(), 2, 'the list follows the same rule');
  await save(page, `${HOME}/settings`, 'settings-form', { members_read: null });
  assert.equal(await status('noah'), 404);
  await others.noah.goto('/transcripts');
  assert.equal(await others.noah.locator('tbody tr').count(), 0);
  await save(page, `${HOME}/settings`, 'settings-form', { members_read: 'true' });
  assert.equal(await status('noah'), 200);

  assert.equal(await status('rita'), 404);
  await save(page, `${HOME}/settings`, 'settings-form', { reader_roles: role.id });
  assert.equal(await status('rita'), 200);
  await others.rita.goto('/servers');
  await others.rita.getByRole('link', { name: 'Example Server' }).or(others.rita.locator('.tile a')).first().click();
  await others.rita.waitForURL((url) => url.pathname === `${HOME}/search`);
  await others.rita.goto(`${HOME}/search?q=xylophone`);
  assert.equal(await others.rita.locator('.hit').count(), 2);
  assert.equal((await others.rita.goto(`${HOME}/tickets`)).status(), 404);
  await page.goto(`${HOME}/audit`);
  const log = await page.locator('tbody').innerText();
  assert.match(log, /Rita\s+Read the transcript of ticket 1/);
  assert.match(log, /Rita\s+Searched the transcripts/);
  assert.doesNotMatch(log, /Noah\s+Read the transcript/);
});

for (const [index, javaScriptEnabled] of [true, false].entries()) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`a hold and redactions, ${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    const { id, secret } = story.tickets[index];
    const path = `/transcripts/${id}`;
    await signIn(page, 'olivia');
    const answer = await page.goto(path);
    const headers = answer.headers();
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-robots-tag'], 'noindex, nofollow');
    assert.equal(headers['referrer-policy'], 'same-origin');
    // The server's plan ends what its settings keep for ever.
    assert.match(await page.locator('.facts').innerText(), /Kept\s+until \d+ \w+ \d{4}/);

    await page.getByRole('button', { name: 'Place a legal hold' }).first().click();
    await page.getByLabel('Reason').fill('Case 17');
    await page.getByRole('dialog').getByRole('button', { name: 'Place a legal hold' }).click();
    await page.getByText('The transcript stays until the hold is lifted.').waitFor();
    assert.match(await page.locator('main').innerText(), /Case 17/);
    const mia = await (await newContext({ javaScriptEnabled })).newPage();
    await signIn(mia, 'mia');
    await mia.goto(path);
    const told = await mia.locator('main').innerText();
    assert.match(told, /under legal hold/);
    assert.doesNotMatch(told, /Case 17|Redact|Lift/);
    assert.equal((await mia.goto(`${path}/redact`)).status(), 404);
    assert.equal((await post(mia, `${path}/redact`, { message: secret, action: 'redact' })).status, 404);
    assert.equal((await post(mia, `${path}/hold`, { action: 'lift', reason: 'mine' })).status, 404);
    await page.goto(`${path}/redact`);
    await page.getByText('There is a legal hold on this transcript.').waitFor();
    assert.match((await post(page, `${path}/redact`, { message: secret, action: 'redact' })).search, /problem=held/);
    await page.goto(path);
    await page.getByRole('button', { name: 'Lift the hold' }).first().click();
    await page.getByLabel('Why it ends').fill('Settled');
    await page.getByRole('dialog').getByRole('button', { name: 'Lift the hold' }).click();
    await page.getByText('The hold is lifted.', { exact: true }).waitFor();

    const message = page.locator(`#m-${secret}`);
    await message.hover();
    await message.getByRole('link', { name: 'Redact' }).click();
    await page.getByRole('heading', { name: 'This message' }).waitFor();
    assert.match(await page.locator('.hit').innerText(), /xylophone/);
    // Both look by a script of their own.
    if (javaScriptEnabled) {
      await assertFitsWidth(page);
      await assertAccessible(page);
    }
    await page.getByRole('button', { name: 'Redact for good' }).click();
    await page.getByText('It is redacted.').waitFor();
    assert.match(await page.locator(`#m-${secret}`).innerText(), /This message was redacted\.[\s\S]*Redacted .* by Olivia/);

    await page.getByRole('link', { name: 'Redact', exact: true }).first().click();
    await page.getByLabel('These words:').check();
    await page.getByRole('button', { name: 'Look what would go' }).click();
    await page.locator('.field-error').waitFor();
    await page.getByLabel('Numbers of payment cards').check();
    await page.getByRole('button', { name: 'Look what would go' }).click();
    await page.getByRole('heading', { name: /^In 1 message/ }).waitFor();
    assert.deepEqual(await page.locator('mark').allInnerTexts(), ['4111 1111 1111 1111']);
    assert.ok(!page.url().includes('4111'), 'what is looked for is in no address');
    await page.getByRole('button', { name: 'Redact for good' }).click();
    await page.getByText('It is redacted.').waitFor();
    const text = await page.locator('main').innerText();
    assert.match(text, /My card is █████, thanks/);
    assert.doesNotMatch(text, /xylophone|4111/);
    await page.goto(`${HOME}/audit`);
    const log = await page.locator('tbody').innerText();
    assert.match(log, /Redacted card numbers in ticket/);
    assert.match(log, /Placed a legal hold/);
    assert.doesNotMatch(log, /xylophone|4111|Case 17/);
  });
}
