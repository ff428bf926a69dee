// Licences: an operator issues one, its holder says which servers it serves, the servers get what its plan allows, and
// it ends. With JavaScript and without.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, HOME, button, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const QUIET_CORNER = '400000000000000002';
const OLIVIA = '200000000000000001';
const PLAN = `${HOME}/subscription`;
const HELD = '/account/licences';
const ALL = '/operator/licences';

// Sam operates the service, and has no say on Olivia's server.
const d = desk('licences', { WARDESK_OPERATORS: '200000000000000002' });
const story = {};

const text = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** Issues a licence by the form; gives its address. */
async function issue(page, fields) {
  await page.goto(ALL);
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: false }).last();
    if (['Plan', 'Kind'].includes(label)) await page.locator(`select[name="${label.toLowerCase()}"]`).selectOption({ label: value });
    else await field.fill(value);
  }
  await page.getByRole('button', { name: 'Issue' }).click();
  await page.getByText('The licence was issued.').waitFor();
  return new URL(page.url()).pathname;
}

d.test('a new server has the plan of every server, and its panels have room', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await discord.call('PUT', `/control/guilds/${QUIET_CORNER}/bot`, { permissions: '8' });
  await configure(page);
  await page.goto(PLAN);
  const shown = await text(page);
  assert.match(shown, /Plan Free/);
  assert.match(shown, /Panels 0 of 5/);
  assert.match(shown, /No licence/);
  assert.equal(await page.getByRole('link', { name: 'Plan', exact: true }).getAttribute('aria-current'), 'page');
  assert.match(shown, /Nothing is sold here/);
  // Nor is anything taken.
  assert.equal(await page.getByRole('link', { name: 'Donate', exact: true }).count(), 0);
  assert.equal((await page.goto('/donate')).status(), 404);
  await page.goto(`${HOME}/settings`);
  assert.match(await text(page), /Free keeps transcripts for 365 days at most, whatever is chosen here\. Plus keeps them longer\./);
  await page.goto(HELD);
  await page.getByRole('heading', { name: 'You hold no licence' }).waitFor();
  story.panels = [];
  for (let n = 1; n <= 5; n += 1) story.panels.push(await makePanel(page, { panel_name: `Panel ${n}`, panel_title: `Panel ${n}` }));
  const refused = await post(page, `${HOME}/panels`);
  assert.match(refused.search, /problem=/, 'the sixth is refused');
  await page.goto(refused.path + refused.search);
  assert.match(await text(page), /allows no more panels.*5 of 5 panels that Free allows\. Plus has room for more\./);
});

d.test('operators’ pages are there for operators alone', async ({ page, newContext, signIn }) => {
  await page.goto(ALL);
  assert.equal(new URL(page.url()).pathname, '/', 'signed out it leads to the sign-in');
  await signIn(page, 'olivia');
  assert.equal((await page.goto(ALL)).status(), 404);
  assert.equal((await post(page, ALL, { plan: 'pro', contact: OLIVIA })).status, 404);
  assert.equal((await post(page, `${ALL}/0193b3c4-5d6e-7f80-9123-456789abcdef`, { action: 'revoke' })).status, 404);
  assert.equal(await page.getByRole('link', { name: 'Operation' }).count(), 0);
  // Whoever operates the service has no say on a server for that.
  const sam = await (await newContext()).newPage();
  await signIn(sam, 'sam');
  assert.equal((await sam.goto(ALL)).status(), 200);
  assert.equal((await sam.goto(PLAN)).status(), 404);
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`granted, used, moved, suspended and revoked, ${how}`, { context: { javaScriptEnabled }, timeout: 240_000 }, async ({ page, newContext, signIn, discord }) => {
    const sam = await (await newContext({ javaScriptEnabled })).newPage();
    await signIn(page, 'olivia');
    await signIn(sam, 'sam');
    // What is wrong comes back with what was typed.
    await sam.goto(ALL);
    await sam.locator('input[name=contact]').fill('olivia');
    await sam.locator('input[name=expires]').fill('2020-01-01');
    await sam.getByRole('button', { name: 'Issue' }).click();
    await sam.locator('.field-error').first().waitFor();
    assert.equal(await sam.locator('input[name=contact]').inputValue(), 'olivia');
    const licence = await issue(sam, { Plan: 'Pro', Holder: OLIVIA });
    assert.match(await text(sam), /Issued/);
    await assertFitsWidth(sam);
    if (javaScriptEnabled) await assertAccessible(sam);
    await shot(sam, `licences-operator-${javaScriptEnabled}`);

    await page.goto(HELD);
    assert.match(await text(page), /Pro State Valid Source Granted by the operator/);
    await page.getByLabel('Give a free seat to').first().selectOption(GUILD);
    await page.getByRole('button', { name: 'Give a seat' }).first().click();
    await page.getByText('The server has the seat.').waitFor();
    await shot(page, `licences-held-${javaScriptEnabled}`);
    await page.goto(PLAN);
    assert.match(await text(page), /Plan Pro Source Granted by the operator/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `licences-plan-${javaScriptEnabled}`);
    const sixth = await makePanel(page, { panel_name: 'Panel 6', panel_title: `Sixth ${how}` });
    const message = await publish(page, sixth, discord, `Sixth ${how}`);

    // Suspended: the newest panel is switched off, and nothing is deleted.
    await sam.goto(licence);
    await sam.getByRole('button', { name: 'Suspend' }).click();
    await sam.getByText('The licence is suspended.').waitFor();
    await page.goto(PLAN);
    assert.match(await text(page), /1 panel is switched off.*Panel 6/);
    await assertFitsWidth(page);
    await shot(page, `licences-over-${javaScriptEnabled}`);
    const mia = await discord.person('mia');
    const pressed = await mia.press(message, button(message, 'wd:open:').custom_id);
    assert.match(JSON.stringify(pressed), /This panel is switched off/);
    await page.goto(`${HOME}/panels`);
    assert.match(await text(page), /Panel 6.*Switched off/);
    await sam.getByRole('button', { name: 'Resume' }).click();
    await sam.getByText('The licence counts again.').waitFor();
    await page.goto(PLAN);
    assert.doesNotMatch(await text(page), /switched off/);
    const ticket = await openTicket(discord, mia, message);
    await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close' });

    // The seat goes to another server, and not back on the same day.
    await page.goto(HELD);
    await page.getByLabel(/^Move the seat of Harbour Lights/).first().selectOption(QUIET_CORNER);
    await page.getByRole('button', { name: 'Move', exact: true }).first().click();
    await page.getByText('The seat was moved.').waitFor();
    assert.match(await text(page), /Quiet Corner since .* Can be moved from/);
    await page.goto(`/servers/${QUIET_CORNER}/subscription`);
    assert.match(await text(page), /Plan Pro/);
    await page.goto(PLAN);
    assert.match(await text(page), /Plan Free/);
    const id = licence.split('/').pop();
    const back = await post(page, HELD, { action: 'move', licence: id, from: QUIET_CORNER, guild: GUILD });
    assert.match(back.search, /problem=licence_cooling/);
    // Nobody else's.
    assert.equal((await post(sam, HELD, { action: 'release', licence: id, guild: QUIET_CORNER })).status, 404);

    // What was done is noted for operators and on the servers.
    await sam.goto(licence);
    assert.match(await text(sam), /Resumed.*Suspended.*Issued/);
    await page.goto(`${HOME}/audit`);
    assert.match(await text(page), /Took the seat of a licence from this server.*Resumed a licence.*Suspended a licence.*Gave this server a seat/);

    await sam.goto(licence);
    await sam.getByRole('button', { name: 'Revoke' }).first().click();
    await sam.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await sam.getByText('The licence was revoked.').waitFor();
    await page.goto(`/servers/${QUIET_CORNER}/subscription`);
    assert.match(await text(page), /Plan Free/);
    assert.match(await text(page), /Revoked/);
    // The sixth panel goes, so that the next round begins like this one.
    await post(page, `${sixth}/remove`);
    await until('the panel to be gone', async () => {
      await page.goto(PLAN);
      return /Panels 5 of 5/.test(await text(page));
    });
  });
}

d.test('who removes their customer data says that licences end, and they do', async ({ page, newContext, signIn }) => {
  const sam = await (await newContext()).newPage();
  await signIn(page, 'olivia');
  await signIn(sam, 'sam');
  await issue(sam, { Plan: 'Plus', Kind: 'A gift', Holder: OLIVIA, 'Server of the first seat': GUILD });
  await page.goto(PLAN);
  assert.match(await text(page), /Plan Plus Source A gift/);
  await page.goto(HELD);
  await page.getByRole('button', { name: 'Remove customer data' }).click();
  await page.getByRole('button', { name: 'End my licences for good' }).click();
  await page.getByText('Tick the box to say that you know what ends.').waitFor();
  await page.goto(PLAN);
  assert.match(await text(page), /Plan Plus/);
  await page.goto(HELD);
  await page.getByRole('button', { name: 'Remove customer data' }).click();
  await page.getByLabel('I know that all my licences end for good and cannot be restored.').check();
  await page.getByRole('button', { name: 'End my licences for good' }).click();
  await page.getByText('Your licences are over').waitFor();
  await page.getByRole('heading', { name: 'You hold no licence' }).waitFor();
  await page.goto(PLAN);
  assert.match(await text(page), /Plan Free/);
});

d.test('on a phone, in the dark', { context: { viewport: PHONE, colorScheme: 'dark' } }, async ({ page, newContext, signIn }) => {
  const sam = await (await newContext()).newPage();
  await signIn(page, 'olivia');
  await signIn(sam, 'sam');
  await issue(sam, { Plan: 'Pro', Holder: OLIVIA, 'Server of the first seat': GUILD });
  for (const [name, on, path] of [['plan', page, PLAN], ['held', page, HELD], ['operator', sam, ALL]]) {
    await on.goto(path);
    await assertFitsWidth(on);
    await assertAccessible(on);
    await shot(on, `licences-phone-${name}`);
  }
});
