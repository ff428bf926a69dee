// The account: where one is signed in, signing out here, there and everywhere, language and colours.
import assert from 'node:assert/strict';
import { desk } from '../lib/desk.mjs';

const d = desk('account');

/** Whether the person of this page is still signed in. */
async function signedIn(page) {
  await page.goto('/account');
  return (await page.locator('form[action="/auth/logout"]').count()) > 0;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';

  d.test(`another session is listed and can be ended${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    const who = javaScriptEnabled ? 'sam' : 'noah';
    await signIn(page, who);
    const other = await (await newContext({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' })).newPage();
    await signIn(other, who);
    await page.goto('/account');
    const rows = page.locator('tbody tr');
    assert.equal(await rows.count(), 2);
    assert.match(await rows.filter({ hasText: 'this browser' }).innerText(), /Chrome/);
    const there = rows.filter({ hasText: 'Firefox · Linux' });
    await there.getByRole('button').click();
    await page.getByRole('status').filter({ hasText: 'signed out' }).waitFor();
    assert.equal(await rows.count(), 1);
    assert.equal(await signedIn(other), false, 'the other session ended');
    assert.equal(await signedIn(page), true, 'this one did not');
  });

  d.test(`signing out everywhere else leaves this session alone${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    const who = javaScriptEnabled ? 'olivia' : 'mia';
    const others = [];
    for (let i = 0; i < 2; i += 1) {
      const other = await (await newContext()).newPage();
      await signIn(other, who);
      others.push(other);
    }
    await signIn(page, who);
    await page.goto('/account');
    assert.equal(await page.locator('tbody tr').count(), 3);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await page.getByRole('status').filter({ hasText: 'Every other session' }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    assert.equal(await page.getByRole('button', { name: 'Sign out everywhere else' }).count(), 0);
    for (const other of others) assert.equal(await signedIn(other), false);
    assert.equal(await signedIn(page), true);
    // Servers come with this session's own token: it still works.
    const answer = await page.goto('/servers');
    assert.equal(answer.status(), 200);
    if (who === 'olivia') await page.getByText('Harbour Lights').first().waitFor();
  });
}

d.test('one person cannot end the session of another', async ({ page, newContext, signIn }) => {
  await signIn(page, 'mia');
  const other = await (await newContext()).newPage();
  await signIn(other, 'noah');
  const second = await (await newContext()).newPage();
  await signIn(second, 'noah');
  await other.goto('/account');
  const handle = await other.locator('input[name=session]').first().inputValue();
  await page.goto('/account');
  await page.evaluate((session) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '/account/sessions' });
    form.append(Object.assign(document.createElement('input'), { name: 'session', value: session }));
    document.body.append(form);
    form.submit();
  }, handle);
  await page.waitForURL(/done=revoked/);
  assert.equal(await signedIn(second), true);
});

d.test('language and colours are kept with the account', async ({ page, newContext, signIn }) => {
  await signIn(page, 'sam');
  await page.goto('/account');
  await page.getByLabel('Language').selectOption('de');
  await page.getByLabel('Colours').selectOption('dark');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('status').filter({ hasText: 'Gespeichert' }).waitFor();
  const elsewhere = await (await newContext()).newPage();
  await signIn(elsewhere, 'sam');
  await elsewhere.goto('/account');
  const html = elsewhere.locator('html');
  assert.equal(await html.getAttribute('lang'), 'de');
  assert.equal(await html.getAttribute('data-theme'), 'dark');
  await elsewhere.getByRole('heading', { level: 1, name: 'Dein Konto' }).waitFor();
  const background = await elsewhere.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const sum = background.match(/\d+/g).slice(0, 3).map(Number).reduce((a, b) => a + b);
  assert.ok(sum < 120, `dark is dark: ${background}`);
});

d.test('each refusal of a sign-in has its own words', async ({ page }) => {
  for (const [code, words] of [
    ['expired', /took too long/],
    ['cancelled', /You cancelled/],
    ['refused', /Discord did not accept the sign-in/],
    ['unavailable', /Discord does not answer/],
    ['internal', /failed on our side/],
  ]) {
    await page.goto(`/?problem=${code}`);
    await page.getByRole('status').filter({ hasText: words }).waitFor();
  }
  await page.goto('/?problem=something-else');
  assert.equal(await page.getByRole('status').count(), 0);
});

d.test('Discord refuses the code: the first page says so', async ({ page, context, discord, url }) => {
  const mia = await discord.person('mia');
  await context.addCookies([{ name: 'sandbox_person', value: mia.id, domain: '127.0.0.1', path: '/' }]);
  await page.goto('/');
  await page.locator('form[action="/auth/login"] button').first().click();
  await page.getByRole('button', { name: 'Authorize', exact: true }).waitFor();
  await page.evaluate(() => {
    for (const field of document.querySelectorAll('input[name=code_challenge]')) field.value = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  });
  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
  await page.waitForURL((address) => address.origin === url && address.pathname === '/');
  await page.getByRole('status').filter({ hasText: 'Discord did not accept the sign-in' }).waitFor();
});
