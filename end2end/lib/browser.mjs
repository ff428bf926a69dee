// Chromium, its contexts, and what every page is watched for: reports of a violated content security
// policy, uncaught errors, errors on the console, and accessibility.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { OUT } from './processes.mjs';

const PICTURES = new URL('../../docs/pictures/', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const WIDE = { width: 1280, height: 900 };
export const PHONE = { width: 320, height: 640 };

export function launch() {
  return chromium.launch({
    executablePath: process.env.WARDESK_CHROMIUM,
    headless: true,
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What went wrong on the pages of one context. */
export class Watch {
  constructor() {
    this.csp = [];
    this.errors = [];
  }

  /** Fails if anything was reported. */
  assertClean() {
    assert.deepEqual(this.csp, [], 'the content security policy was violated');
    assert.deepEqual(this.errors, [], 'errors on the page');
  }

  clear() {
    this.csp.length = 0;
    this.errors.length = 0;
  }
}

/**
 * A context of its own: cookies, storage, and a `watch`. Options are Playwright's, for example
 * `{ javaScriptEnabled: false }`, `{ viewport: PHONE }`, `{ colorScheme: 'dark' }`, `{ locale: 'de-DE' }`.
 */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', ...options });
  context.setDefaultTimeout(10_000);
  context.setDefaultNavigationTimeout(20_000);
  const watch = new Watch();
  context.watch = watch;
  context.scripts = options.javaScriptEnabled !== false;
  // Neither the binding nor the script is subject to the page's own policy.
  await context.exposeBinding('__reportCsp', (_source, report) => watch.csp.push(report));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      globalThis.__reportCsp({
        page: event.documentURI,
        directive: event.effectiveDirective,
        blocked: event.blockedURI,
        sample: event.sample,
        line: `${event.sourceFile}:${event.lineNumber}`,
      });
    });
  });
  context.on('page', (page) => {
    page.on('pageerror', (error) => watch.errors.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const text = message.text();
      // A page that answers 404 or 422 on purpose is no error of the page's code.
      if (text.startsWith('Failed to load resource')) return;
      // Without JavaScript there is no listener; the console says it still.
      if (/Content Security Policy/.test(text)) watch.csp.push({ page: page.url(), console: text });
      else watch.errors.push(`${page.url()}: ${text}`);
    });
  });
  return context;
}

/**
 * Gives an element of the page an inline handler and presses it; sees that it was refused and reported: the
 * proof that the watch works. Clears what it caused.
 */
export async function seesPlantedViolation(page) {
  const { watch } = page.context();
  watch.assertClean();
  await page.evaluate(() => {
    const button = document.createElement('button');
    button.setAttribute('onclick', 'globalThis.__planted = true');
    document.body.append(button);
    button.click();
    button.remove();
  });
  const ran = await page.evaluate(() => globalThis.__planted === true);
  assert.equal(ran, false, 'an inline handler ran');
  for (let i = 0; watch.csp.length === 0; i += 1) {
    assert.ok(i < 100, 'the violation was not reported');
    await page.waitForTimeout(20);
  }
  // The listener and the console both tell; the second may come late.
  await page.waitForTimeout(100);
  watch.clear();
}

/** Runs axe on the page: no violation of any rule it knows for WCAG 2.2 AA and its best practices. */
export async function assertAccessible(page, { exclude = [] } = {}) {
  // Through evaluate, not a script element: the page's policy would refuse that, rightly.
  if (!(await page.evaluate(() => typeof globalThis.axe === 'object'))) await page.evaluate(AXE);
  const violations = await page.evaluate(async (skip) => {
    // What fades in has another colour on its way there. What has no end (a pulse) is looked at as it is.
    const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.all(passing.map((one) => one.finished.catch(() => {})));
    const result = await globalThis.axe.run({ exclude: skip.map((s) => [s]) }, { resultTypes: ['violations'] });
    return result.violations.map((v) => ({
      rule: v.id,
      impact: v.impact,
      help: v.help,
      where: v.nodes.slice(0, 5).map((n) => `${n.target.join(' ')} — ${n.failureSummary}`),
    }));
  }, exclude);
  assert.deepEqual(violations, [], `accessibility of ${page.url()}`);
}

/** Fails when the page can be scrolled sideways at its present width, and names what sticks out. */
export async function assertFitsWidth(page) {
  const out = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((e) => `${e.tagName.toLowerCase()}.${e.className} to ${Math.round(e.getBoundingClientRect().right)} of ${width}`);
  });
  assert.deepEqual(out, [], `${page.url()} is wider than its window`);
}

/** Waits until the selects that can be searched have become fields to search in, where scripts run. */
export async function searchable(page) {
  if (page.context().scripts) await page.waitForFunction(() => !document.querySelector('.combo[hidden]'));
}

/**
 * Chooses an entry of a select that can be searched, as a person would: by typing where scripts run, in the
 * browser's own list where not. Gives the field.
 */
export async function choose(page, name, entry) {
  await searchable(page);
  const field = page.getByRole('combobox', { name, exact: true });
  if (!page.context().scripts) {
    await field.selectOption({ label: entry });
    return field;
  }
  await field.fill(entry);
  // One list is open at a time.
  await page.getByRole('listbox').getByRole('option', { name: entry, exact: true }).click();
  assert.equal(await field.inputValue(), entry);
  return field;
}

/** What a select that can be searched shows as chosen. */
export async function chosen(page, name) {
  await searchable(page);
  const field = page.getByRole('combobox', { name, exact: true });
  return page.context().scripts ? field.inputValue() : (await field.locator('option:checked').textContent()).trim();
}

/** A picture in end2end/out, to look at. */
export async function shot(page, name) {
  mkdirSync(OUT, { recursive: true });
  await page.screenshot({ path: `${OUT}${name}.png`, fullPage: true });
}

/**
 * A picture that the README shows. Written to docs/pictures when WARDESK_PICTURES=1, so that a plain test
 * run does not change the tree; to end2end/out otherwise.
 */
export async function picture(page, name) {
  if (process.env.WARDESK_PICTURES !== '1') return shot(page, name);
  await page.evaluate(() => globalThis.scrollTo(0, 0));
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}${name}.png` });
}

/**
 * Goes through a page with the Tab key: every control is reached, and looks otherwise with the focus than without,
 * and none lies under the save bar. `name` is the page's, for what is said when it does not hold.
 */
export async function assertReachable(page, name) {
  const { wanted, presses } = await page.evaluate(() => {
    const marks = (one) => [one, one.closest('.tile, .choice, .check')].filter(Boolean).map((it) => getComputedStyle(it));
    globalThis.looks = (one) => marks(one)
      .map((style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow].join())
      .join('|');
    // Known by their place: a part of the page that is kept up to date may be put there anew meanwhile.
    globalThis.controls = () => {
      const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
      return [...all].filter((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    };
    document.activeElement?.blur();
    globalThis.atRest = globalThis.controls().map((one) => globalThis.looks(one));
    // One of a group of radio buttons is reached: the chosen one. A date has day, month, year and its calendar.
    const wanted = globalThis.controls().filter((one) => one.type !== 'radio' || one.checked).length;
    return { wanted, presses: wanted + 5 + 3 * document.querySelectorAll('input[type=date]').length };
  });
  const reached = new Set();
  for (let i = 0; i < presses; i += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      const nth = globalThis.controls().indexOf(one);
      const box = one.getBoundingClientRect();
      const covered = document.querySelector('.save-bar:not([hidden])')?.getBoundingClientRect();
      const under = covered && box.height > 0 && box.top >= covered.top && box.bottom <= covered.bottom && !one.closest('.save-bar');
      return {
        nth,
        name: `${one.tagName} ${one.id || one.getAttribute('name') || one.textContent.trim().slice(0, 40)}`,
        shown: nth < 0 || globalThis.looks(one) !== globalThis.atRest[nth],
        under: Boolean(under),
      };
    });
    // Past the last control, out of the page: the next press begins at its top. A refused form begins at its errors.
    if (!at) continue;
    assert.ok(at.shown, `${at.name} on ${name} does not show its focus`);
    assert.ok(!at.under, `${at.name} on ${name} is under the save bar`);
    if (at.nth >= 0) reached.add(at.nth);
  }
  assert.equal(reached.size, wanted, `controls of ${name} reached by Tab`);
}
