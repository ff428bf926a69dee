// Sign-in with Discord: the way there and back, the session's cookie, signing out.
import assert from 'node:assert/strict';
import { desk } from '../lib/desk.mjs';

const d = desk('sign-in');

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';

  d.test(`there and back${how}`, { context: { javaScriptEnabled } }, async ({ page, context, signIn, url }) => {
    await signIn(page, 'olivia');
    const cookies = (await context.cookies(url)).filter((cookie) => cookie.httpOnly);
    const session = cookies.filter((cookie) => cookie.sameSite === 'Strict');
    assert.equal(session.length, 1, `one Strict session cookie, not ${JSON.stringify(cookies)}`);
    assert.ok(!cookies.some((cookie) => /oauth/i.test(cookie.name)), 'the transaction cookie is gone after use');
  });

  d.test(`signing out ends the session${how}`, { context: { javaScriptEnabled } }, async ({ page, context, signIn, url }) => {
    await signIn(page, 'olivia');
    const before = await context.cookies(url);
    await page.locator('header summary').click();
    await page.locator('header form[action="/auth/logout"] button').click();
    await page.locator('form[action="/auth/login"]').first().waitFor({ state: 'attached' });
    // The old cookie opens nothing any more.
    await context.clearCookies();
    await context.addCookies(before.filter((cookie) => cookie.sameSite === 'Strict'));
    await page.goto('/servers');
    assert.equal(await page.locator('form[action="/auth/logout"]').count(), 0);
  });
}

d.test('the callback is a cross-site request, the page after it is not', async ({ page, signIn, url }) => {
  const sites = new Map();
  page.on('request', async (request) => {
    const address = new URL(request.url());
    if (address.origin !== url || !request.isNavigationRequest()) return;
    sites.set(address.pathname, (await request.allHeaders())['sec-fetch-site']);
  });
  await signIn(page, 'mia');
  assert.equal(sites.get('/auth/callback'), 'cross-site');
  const after = [...sites.entries()].filter(([path]) => !path.startsWith('/auth/')).at(-1);
  assert.ok(['same-origin', 'same-site'].includes(after?.[1]), `the page after sign-in: ${after}`);
});

d.test('saying no leads back to a page that says so', async ({ page, context, discord, url }) => {
  const olivia = await discord.person('olivia');
  await context.addCookies([{ name: 'sandbox_person', value: olivia.id, domain: '127.0.0.1', path: '/' }]);
  await page.goto('/');
  await page.locator('form[action="/auth/login"] button').first().click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForURL((address) => address.origin === url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await page.locator('form[action="/auth/logout"]').count(), 0);
});

d.test('a made-up callback signs nobody in and says what to do', async ({ page, context, url }) => {
  await page.goto('/auth/callback?code=made-up&state=made-up');
  assert.equal((await context.cookies(url)).filter((cookie) => cookie.sameSite === 'Strict').length, 0);
  await page.getByRole('alert').or(page.getByRole('status')).first().waitFor();
  await page.locator('form[action="/auth/login"]').first().waitFor({ state: 'attached' });
});
