// Every component in every state, on the page /design.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
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
  const reached = new Set();
  for (let i = 0; i < 120; i += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { name: `${element.tagName} ${element.id || element.getAttribute('name') || element.textContent.trim().slice(0, 30)}`, ring };
    });
    if (!seen) break;
    assert.ok(seen.ring, `${seen.name} has the focus and does not show it`);
    reached.add(seen.name);
  }
  assert.ok(reached.size > 20, `only ${reached.size} controls were reached`);
});
