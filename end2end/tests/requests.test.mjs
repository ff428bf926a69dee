// Requests about personal data: anybody asks, operators and owners answer, and whoever asked sees it. With JavaScript and
// without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { GUILD, HOME, configure } from '../lib/seed.mjs';

// Sam operates the service, and has no say on Olivia's server.
const d = desk('requests', { WARDESK_OPERATORS: '200000000000000002' });
const FORM = '/privacy/request';
const DESK = '/operator/privacy';

const text = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** Fills the form in and sends it; gives the address that shows how it stands. */
async function ask(page, kind, words, server) {
  await page.goto(FORM);
  await page.locator('select[name=kind]').selectOption({ label: kind });
  await page.locator('textarea[name=request_words]').fill(words);
  if (server) await page.locator('input[name=request_server]').fill(server);
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('The request was received.').waitFor();
  return new URL(page.url()).pathname;
}

/** Takes the decision that a form on the page offers. */
async function decide(form, outcome, reason, words) {
  await form.getByLabel(outcome, { exact: true }).check();
  if (reason) await form.locator('select[name=reason]').selectOption({ label: reason });
  await form.locator('textarea[name=words]').fill(words);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';

  d.test(`anybody asks, an operator declines, and the reason is seen${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    await page.goto(FORM);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    const words = `The picture is mine${how}.`;
    const address = await ask(page, 'Have infringing material taken down', words);
    assert.match(address, /^\/privacy\/requests\/[\w-]{43}$/);
    assert.match(await text(page), /Keep this address/);
    assert.match(await text(page), /Being looked at/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `requests-status-${javaScriptEnabled}`);

    const sam = await (await newContext({ javaScriptEnabled })).newPage();
    await signIn(sam, 'sam');
    await sam.goto(DESK);
    await assertFitsWidth(sam);
    if (javaScriptEnabled) await assertAccessible(sam);
    await sam.getByRole('link', { name: 'Have infringing material taken down' }).last().click();
    await sam.getByText(words).waitFor();
    const form = sam.locator('form').filter({ hasText: 'What did you do?' });
    // Without a reason nothing is declined, and what was typed stays.
    await decide(form, 'Declined', '', 'Two lines </textarea>\nof an answer.');
    await form.getByRole('button', { name: 'Decide' }).click();
    await sam.getByText('Choose a reason: whoever asked has a right to know it.').waitFor();
    assert.equal(await form.locator('textarea[name=words]').inputValue(), 'Two lines </textarea>\nof an answer.');
    assert.ok(await form.getByLabel('Declined', { exact: true }).isChecked());
    await decide(form, 'Declined', 'It is unfounded, or what you sent does not show it.', 'There is no such picture.');
    await form.getByRole('button', { name: 'Decide' }).click();
    await sam.getByText('The request is answered.').waitFor();
    if (javaScriptEnabled) await assertAccessible(sam);

    await page.goto(address);
    const seen = await text(page);
    assert.match(seen, /Declined/);
    assert.match(seen, /It is unfounded, or what you sent does not show it\./);
    assert.match(seen, /There is no such picture\./);
  });

  d.test(`an account is verified by signing in at the address${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    const address = await ask(page, 'Object to how it is used', `I object${how}`);
    assert.match(await text(page), /Waits for you to sign in/);
    await page.getByRole('button', { name: 'Sign in to verify' }).waitFor();
    await signIn(page, javaScriptEnabled ? 'mia' : 'noah');
    await page.goto(address);
    await page.getByRole('button', { name: 'This request is mine' }).click();
    await page.getByText('The request is verified.').waitFor();
    assert.match(new URL(page.url()).pathname, /^\/account\/requests\//);
    const seen = await text(page);
    assert.match(seen, /Being looked at/);
    assert.match(seen, /The use is restricted while this is judged/);
    // Until it is judged the use is restricted, and who objected may lift that.
    await page.goto('/account/privacy');
    await page.getByRole('link', { name: 'because you objected' }).waitFor();
    if (javaScriptEnabled) await assertAccessible(page);
    await page.getByRole('button', { name: 'Lift the restriction' }).click();
    await page.getByRole('status').filter({ hasText: 'is lifted' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'because you objected' }).count(), 0);
  });

  d.test(`the owner of a server answers about its content${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    const olivia = await (await newContext({ javaScriptEnabled })).newPage();
    await signIn(olivia, 'olivia');
    await configure(olivia);
    await signIn(page, javaScriptEnabled ? 'mia' : 'noah');
    const words = `My address stands in a ticket${how}`;
    const own = await ask(page, 'Have something corrected', words, GUILD);
    // Nothing of theirs is kept on that server: that the bot is there is not told.
    assert.match(await text(page), /Being looked at/);

    await olivia.goto(HOME);
    await olivia.getByText('A privacy request waits for an answer').first().waitFor();
    await olivia.goto(`${HOME}/privacy`);
    await assertFitsWidth(olivia);
    if (javaScriptEnabled) await assertAccessible(olivia);
    await shot(olivia, `requests-owner-${javaScriptEnabled}`);
    const card = olivia.locator('.card').filter({ hasText: words });
    await decide(card, 'I did it', '', 'It is redacted.');
    await card.getByRole('button', { name: 'Answer the request' }).click();
    await olivia.getByText('The request is answered.').waitFor();

    await page.goto(own);
    assert.match(await text(page), /Done.*It is redacted\./);
  });
}

d.test('the desk is there for operators alone, and so is the register', async ({ page, newContext, signIn }) => {
  await signIn(page, 'olivia');
  assert.equal((await post(page, '/operator/disclosures')).status, 404);
  for (const path of [DESK, '/operator/disclosures']) {
    assert.equal((await page.goto(path)).status(), 404);
  }
  const sam = await (await newContext()).newPage();
  await signIn(sam, 'sam');
  await sam.goto('/operator/disclosures');
  for (const [name, value] of Object.entries({ authority: 'District court', ground: 'Order 1/26', given: 'One transcript', given_at: '2026-01-01', affected: '200000000000000005' })) {
    await sam.locator(`[name=${name}]`).fill(value);
  }
  await sam.getByRole('button', { name: 'Note it' }).click();
  await sam.getByText('The disclosure is noted.').waitFor();
  assert.match(await text(sam), /To be told by/);
  await assertFitsWidth(sam);
  await assertAccessible(sam);
  assert.equal((await sam.goto(`${HOME}/privacy`)).status(), 404, 'who operates the service has no say on a server');
});
