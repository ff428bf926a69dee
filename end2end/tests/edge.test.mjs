// The outermost layer as a browser meets it: the first page loads, its policy holds, and the watch that all
// other tests rely on does see a violation.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, seesPlantedViolation, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';

const d = desk('edge');

d.test('the first page loads under its policy', async ({ page, watch }) => {
  const answer = await page.goto('/');
  assert.equal(answer.status(), 200);
  const policy = answer.headers()['content-security-policy'] ?? '';
  assert.match(policy, /script-src[^;]*'nonce-/, 'scripts need a nonce');
  assert.doesNotMatch(policy, /script-src[^;]*'unsafe-inline'/);
  watch.assertClean();
});

d.test('a violation of the policy is seen', async ({ page }) => {
  await page.goto('/');
  await seesPlantedViolation(page);
});

d.test('the first page reads without JavaScript', { context: { javaScriptEnabled: false } }, async ({ page }) => {
  const answer = await page.goto('/');
  assert.equal(answer.status(), 200);
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
});

for (const scheme of ['light', 'dark']) {
  d.test(`the first page fits 320 pixels and is accessible, ${scheme}`, { context: { viewport: PHONE, colorScheme: scheme } }, async ({ page }) => {
    await page.goto('/');
    await assertFitsWidth(page);
    await assertAccessible(page);
    await shot(page, `first-page-phone-${scheme}`);
  });
}

d.test('an unknown address is a 404 that reads like a page', async ({ page }) => {
  const answer = await page.goto('/no-such-page');
  assert.equal(answer.status(), 404);
  assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
});
