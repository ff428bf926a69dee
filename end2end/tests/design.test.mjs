// Every component in every state, on the page /design.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, assertReachable, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';

const d = desk('design');

for (const [width, viewport] of [['phone', PHONE], ['wide', { width: 1280, height: 900 }]]) {
  for (const colorScheme of ['light', 'dark']) {
    d.test(`accessible and within the window: ${width}, ${colorScheme}`, { context: { viewport, colorScheme } }, async ({ page }) => {
      await page.goto('/design');
      await assertFitsWidth(page);
      await assertAccessible(page);
      await shot(page, `design-${width}-${colorScheme}`);
    });
  }
}

d.test('a dialog opens from the keyboard, keeps the focus and gives it back', async ({ page }) => {
  await page.goto('/design');
  const opener = page.getByRole('button', { name: 'Close ticket …' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /Close ticket 0042/ });
  await dialog.waitFor();
  assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)));
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.ok(await opener.evaluate((element) => element === document.activeElement));
});

d.test('every control can be reached with the Tab key and shows that it has the focus', async ({ page }) => {
  await page.goto('/design');
  await assertReachable(page, 'the design system');
});
