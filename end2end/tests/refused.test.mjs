// Forms that are refused say why, and keep what was typed. With JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { HOME, configure } from '../lib/seed.mjs';

// Sam operates the service.
const d = desk('refused', { WARDESK_OPERATORS: '200000000000000002' });

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';
  const context = { javaScriptEnabled };

  d.test(`nobody is erased at the desk by one press${how}`, { context }, async ({ page, newContext, signIn }) => {
    await page.goto('/privacy/request');
    assert.equal(await page.locator('#request_server').getAttribute('maxlength'), '200');
    await page.locator('select[name=kind]').selectOption({ label: 'Report that somebody is under 13' });
    await page.locator('#request_words').fill(`She is ten${how}.`);
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByText('The request was received.').waitFor();

    const sam = await (await newContext(context)).newPage();
    await signIn(sam, 'sam');
    await sam.goto('/operator/privacy');
    await sam.getByRole('link', { name: 'Report that somebody is under 13' }).last().click();
    const form = sam.locator('form').filter({ hasText: 'What did you do?' });
    await form.getByLabel('Done', { exact: true }).check();
    await form.locator('[name=account]').fill('200000000000000099');
    await form.locator('[name=words]').fill('She was.');
    await form.getByRole('button', { name: 'Decide' }).click();
    await sam.getByText('Nothing was erased.').waitFor();
    await assertFitsWidth(sam);
    if (javaScriptEnabled) await assertAccessible(sam);
    assert.ok(await form.getByLabel('Done', { exact: true }).isChecked());
    assert.equal(await form.locator('[name=account]').inputValue(), '200000000000000099');
    assert.equal(await form.locator('[name=words]').inputValue(), 'She was.');
    await form.getByLabel('I have checked the account').check();
    await form.getByRole('button', { name: 'Decide' }).click();
    // The page of the request is gone with the rest.
    await sam.getByText('The request is answered.').waitFor();
    assert.equal(new URL(sam.url()).pathname, '/operator/privacy');
  });

  d.test(`a panel without a saved channel is not published, and says what is missing${how}`, { context }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await configure(page);
    const { path, search } = await post(page, `${HOME}/panels`);
    await page.goto(path + search);
    await page.getByText('The panel is made. Fill it in, save it, then publish it.').waitFor();
    await page.getByRole('button', { name: /^Publish/ }).click();
    await page.getByText('No channel is saved yet.').waitFor();
    if (javaScriptEnabled) await assertAccessible(page);
  });

  d.test(`who is signed out is told that nothing was saved, and led back${how}`, { context }, async ({ page, context: all, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/settings`);
    await all.clearCookies();
    for (const [form, back] of [[`${HOME}/settings`, `${HOME}/settings`], ['/account/sessions/others', '/account']]) {
      const { path, search } = await post(page, form, { revision: '0' });
      assert.equal(path, '/');
      await page.goto(path + search);
      await page.getByText('You are not signed in any more, so nothing was saved.').waitFor();
      assert.equal(await page.locator('main form[action="/auth/login"] input[name=return]').getAttribute('value'), back);
    }
    if (javaScriptEnabled) await assertAccessible(page);
  });
}
