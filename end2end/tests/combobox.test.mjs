// The select that can be searched: a combobox where scripts run, the browser's own list where not.
import assert from 'node:assert/strict';
import { PHONE, WIDE, assertAccessible, assertFitsWidth, choose, chosen, searchable, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('combobox');
const LONG = 'a-channel-with-a-name-as-long-as-they-get-somewhere-on-a-large-server';
const NOTICES = 'Channel for notices';

/** The sample on /design, its list, and what it holds. */
async function sample(page) {
  await page.goto('/design');
  await searchable(page);
  const field = page.getByRole('combobox', { name: NOTICES, exact: true });
  return {
    field,
    list: page.getByRole('listbox', { name: NOTICES }),
    options: () => page.getByRole('listbox').getByRole('option').allInnerTexts(),
    /** The text of the entry that Enter takes. */
    active: () => field.evaluate((one) => document.getElementById(one.getAttribute('aria-activedescendant'))?.textContent ?? null),
    value: () => page.locator('select[name=channel]').inputValue(),
  };
}

d.test('the keyboard opens, goes, takes and leaves', async ({ page }) => {
  const { field, list, active, value } = await sample(page);
  const press = (key) => page.keyboard.press(key);
  assert.equal(await field.inputValue(), LONG);
  await field.focus();
  assert.equal(await field.getAttribute('aria-expanded'), 'false', 'the focus alone opens nothing');
  await press('ArrowDown');
  await list.waitFor();
  assert.equal(await field.getAttribute('aria-expanded'), 'true');
  assert.equal(await field.getAttribute('aria-controls'), await list.getAttribute('id'));
  assert.equal(await active(), LONG, 'it begins at what is chosen');
  await press('ArrowDown');
  assert.equal(await active(), 'support-log');
  await press('ArrowUp');
  await press('ArrowUp');
  assert.equal(await active(), 'general');
  await press('Home');
  assert.equal(await active(), 'Post none');
  await press('ArrowUp');
  assert.equal(await active(), 'Post none', 'it ends there');
  await press('End');
  assert.equal(await active(), 'owners-only (the bot has no access)');
  await press('Escape');
  await list.waitFor({ state: 'hidden' });
  assert.deepEqual([await field.inputValue(), await value()], [LONG, '3'], 'Escape takes nothing');
  await press('Enter');
  await list.waitFor();
  await press('PageUp');
  await press('Enter');
  await list.waitFor({ state: 'hidden' });
  assert.deepEqual([await field.inputValue(), await value()], ['Post none', '']);
  assert.ok(await field.evaluate((one) => one === document.activeElement), 'the field keeps the focus');
  assert.match(page.url(), /design$/, 'Enter submits nothing');
});

d.test('typing finds what is anywhere in a name, under its heading', async ({ page }) => {
  const { field, list, options, active, value } = await sample(page);
  await field.focus();
  await page.keyboard.type('LOG');
  await list.waitFor();
  assert.deepEqual(await options(), ['support-log']);
  assert.deepEqual(await list.getByRole('group').evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))), ['Team']);
  assert.equal(await active(), 'support-log');
  await page.keyboard.press('Tab');
  assert.deepEqual([await field.inputValue(), await value()], ['support-log', '4'], 'Tab takes it');
  assert.ok(!(await field.evaluate((one) => one === document.activeElement)), 'and goes on');
  await field.fill('name large');
  assert.deepEqual(await options(), [LONG], 'every word, in any place');
  await field.fill('Sérver');
  assert.deepEqual(await options(), [LONG], 'without accents');
  await field.fill('xyz');
  await page.getByRole('status').filter({ hasText: 'Nothing in the list matches.' }).waitFor();
  assert.equal(await field.getAttribute('aria-expanded'), 'false');
  assert.equal(await active(), null);
  await assertAccessible(page);
  await page.keyboard.press('Enter');
  assert.match(page.url(), /design$/);
  await page.getByRole('heading', { level: 1 }).click();
  assert.deepEqual([await field.inputValue(), await value()], ['support-log', '4'], 'what was typed gives way');
});

d.test('the mouse opens and takes', async ({ page }) => {
  const { field, list, options, value } = await sample(page);
  await field.click();
  await list.waitFor();
  const all = await options();
  assert.equal(all.length, 7);
  assert.ok(all.includes('420000000000000009 (deleted)') && all.includes('owners-only (the bot has no access)'), 'flagged in words');
  assert.deepEqual(await page.locator('[role=option][aria-selected=true]:visible').allInnerTexts(), [LONG]);
  await list.getByRole('option', { name: 'welcome' }).click();
  await list.waitFor({ state: 'hidden' });
  assert.deepEqual([await field.inputValue(), await value()], ['welcome', '1']);
});

d.test('the save bar sees the change, and its undoing comes back', async ({ page }) => {
  const { field, value } = await sample(page);
  const bar = page.locator('.save-bar');
  await choose(page, NOTICES, 'general');
  await bar.waitFor();
  await choose(page, NOTICES, LONG);
  await bar.waitFor({ state: 'hidden' });
  await choose(page, NOTICES, 'general');
  await bar.getByRole('button', { name: 'Reset' }).click();
  await bar.waitFor({ state: 'hidden' });
  assert.deepEqual([await field.inputValue(), await value()], [LONG, '3']);
  // The browser's own way to reset a form.
  await choose(page, NOTICES, 'general');
  await page.locator('#design-form').evaluate((form) => form.reset());
  await until('the field to follow', async () => (await field.inputValue()) === LONG);
});

d.test('label, hint and error belong to the field', async ({ page }) => {
  const { field } = await sample(page);
  const described = (one) => one.evaluate((element) => element.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent));
  assert.deepEqual(await described(field), ['Gets what staff should know.']);
  const wrong = page.getByRole('combobox', { name: 'Channel for closed tickets', exact: true });
  assert.deepEqual(await described(wrong), ['This no longer exists.']);
  assert.equal(await wrong.getAttribute('aria-invalid'), 'true');
  assert.equal(await wrong.inputValue(), '420000000000000009 (deleted)');
  assert.ok(await page.getByRole('combobox', { name: 'Category for tickets', exact: true }).isDisabled());
  await page.getByText('Channel for closed tickets', { exact: true }).click();
  assert.ok(await wrong.evaluate((one) => one === document.activeElement));
});

for (const [width, viewport] of [['phone', PHONE], ['wide', WIDE]]) {
  for (const colorScheme of ['light', 'dark']) {
    d.test(`open: accessible and within the window: ${width}, ${colorScheme}`, { context: { viewport, colorScheme } }, async ({ page }) => {
      const { field, list } = await sample(page);
      await field.click();
      await list.waitFor();
      await assertFitsWidth(page);
      await assertAccessible(page);
      await shot(page, `combobox-${width}-${colorScheme}`);
      const box = await page.locator('.combo-popup:visible').boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= viewport.height, 'the list is within the window');
    });
  }
}

d.test('back from another page, field and form agree', async ({ page, signIn }) => {
  page.on('dialog', (dialog) => dialog.accept());
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/settings`);
  await choose(page, NOTICES, 'general');
  await page.goto(HOME);
  await page.goBack();
  await searchable(page);
  const value = () => page.locator('select[name=log_channel] option:checked').textContent();
  await until('field and form to agree', async () => (await chosen(page, NOTICES)) === (await value()).trim());
});

d.test('time zones are found by place', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/settings`);
  await searchable(page);
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await zone.fill('new york');
  assert.deepEqual(await page.getByRole('listbox').getByRole('option').allInnerTexts(), ['America/New York']);
  await zone.press('Enter');
  assert.equal(await page.locator('select[name=time_zone]').inputValue(), 'America/New_York');
  await page.locator('#settings-form').evaluate((form) => form.requestSubmit());
  await page.waitForURL(/done=saved/);
  assert.equal(await chosen(page, 'Time zone'), 'America/New York');
});

d.test('without scripts it is the list of the browser', { context: { javaScriptEnabled: false } }, async ({ page }) => {
  await page.goto('/design');
  const field = page.getByRole('combobox', { name: NOTICES, exact: true });
  assert.equal(await field.evaluate((one) => one.tagName), 'SELECT');
  assert.equal(await page.locator('.combo-input:visible').count(), 0);
  await field.selectOption({ label: 'support-log' });
  assert.equal(await chosen(page, NOTICES), 'support-log');
});

d.test('a filter of many people can be searched, at 320 pixels as well', { context: { viewport: PHONE }, timeout: 240_000 }, async ({ page, signIn, discord }) => {
  await discord.call('PATCH', '/control/settings', { limits: 'off' });
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?' }), discord, 'Need a hand?');
  for (let index = 1; index <= 9; index += 1) {
    await openTicket(discord, await newPerson(discord, `guest_${index}`, `Guest number ${index}`), panel);
  }
  await page.goto(`${HOME}/tickets`);
  await searchable(page);
  const opener = page.getByRole('combobox', { name: 'Opened by' });
  assert.equal(await opener.evaluate((one) => one.tagName), 'INPUT');
  assert.equal(await page.getByRole('combobox', { name: 'Claimed by' }).evaluate((one) => one.tagName), 'SELECT');
  await opener.click();
  await assertFitsWidth(page);
  await assertAccessible(page);
  await shot(page, 'combobox-filter');
  await choose(page, 'Opened by', 'Guest number 7');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/opener=\d+/);
  assert.equal(await page.locator('tbody tr').count(), 1);
  assert.equal(await chosen(page, 'Opened by'), 'Guest number 7');
});
