// One's own data: what is held, restricting it, having a copy, and having all of it erased.
import assert from 'node:assert/strict';
import { desk } from '../lib/desk.mjs';

const d = desk('privacy');

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';
  const who = javaScriptEnabled ? 'mia' : 'noah';

  d.test(`people see what is held, and restrict it${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await signIn(page, who);
    await page.goto('/account/privacy');
    await page.getByRole('heading', { level: 1, name: 'Your data' }).waitFor();
    const service = page.locator('.card').filter({ hasText: 'In the service itself' });
    assert.match(await service.innerText(), /Sessions/);
    await page.getByRole('button', { name: 'Restrict the use' }).click();
    await page.getByRole('status').filter({ hasText: 'is restricted' }).waitFor();
    await page.getByText('Restricted since').waitFor();
    await page.getByRole('button', { name: 'Lift the restriction' }).click();
    await page.getByRole('status').filter({ hasText: 'is lifted' }).waitFor();
    assert.match(await page.locator('.card').filter({ hasText: 'Your requests' }).innerText(), /Done/);
  });

  d.test(`people take a copy of what is held${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await signIn(page, who);
    await page.goto('/account/privacy');
    await page.getByRole('button', { name: 'Make a download' }).click();
    await page.getByRole('status').filter({ hasText: 'being made' }).waitFor();
    const link = page.getByRole('link', { name: 'Your download' });
    for (let i = 0; i < 100 && (await link.count()) === 0; i += 1) await page.goto('/account/privacy');
    const answer = await page.request.get('/account/privacy/download');
    assert.equal(answer.status(), 200);
    assert.equal(answer.headers()['content-type'], 'application/zip');
    assert.equal(answer.headers()['cache-control'], 'no-store');
    assert.equal((await answer.body()).subarray(0, 2).toString(), 'PK');
    // The request is answered by the copy, and leads to it.
    const mine = page.locator('.card').filter({ hasText: 'Your requests' });
    await mine.getByRole('link', { name: 'See what is kept about me' }).first().click();
    await page.getByText('Your copy was made').waitFor();
  });

  d.test(`erasing needs its confirmation, and signs out${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await signIn(page, who);
    await page.goto('/account/privacy');
    await page.getByRole('link', { name: 'Erase …' }).click();
    await page.getByRole('heading', { level: 1, name: 'Erase everything' }).waitFor();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByRole('status').filter({ hasText: 'Nothing was erased' }).waitFor();
    await page.getByLabel('I know that there is no way back').check();
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await page.getByText('is being erased').waitFor();
    await page.goto('/account');
    assert.equal(new URL(page.url()).pathname, '/', 'nobody is signed in any more');
    // They may come back, and begin anew.
    await signIn(page, who);
    await page.goto('/account/privacy');
    await page.getByRole('heading', { level: 1, name: 'Your data' }).waitFor();
  });
}

d.test('what is held is for the person alone', async ({ page }) => {
  await page.goto('/account/privacy');
  assert.equal(new URL(page.url()).pathname, '/');
  const answer = await page.request.get('/account/privacy/download', { maxRedirects: 0 });
  assert.notEqual(answer.status(), 200);
});
