// Texts that would run, or break out of their place, on a page that does not escape. Each tries to set
// `__xss`; none may, and none may even cause a report of the content security policy: a report means that
// the markup was parsed as markup and only the second line of defence held.

import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(`../../crates/transcript/tests/${name}`, import.meta.url), 'utf8'));

/** All of them. The tests of crates/transcript read the same file; `RUN` is where a script does something. */
export const PAYLOADS = Object.values(read('payloads.json')).flatMap((family) => family.map((text) => text.replaceAll('RUN', '__xss=1')));

const MESSAGE = read('hostile-message.json');

/** A message object with the text in each of its fields. */
export function messageFullOf(text) {
  const fill = (value) => {
    if (typeof value === 'string') return value.replaceAll('PAYLOAD', () => text);
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [fill(name), fill(inner)]));
  };
  return fill(MESSAGE);
}

/** Without control characters, which fields of one line do not take. */
// eslint-disable-next-line no-control-regex
const printable = (text) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);

/**
 * Payloads for a field of at most `length` UTF-16 units, those that do not fit left out. `lines` says that the field
 * takes several lines.
 */
export function payloadsUpTo(length, { lines = false } = {}) {
  return PAYLOADS.filter((text) => text.length <= length && printable(lines ? text.replaceAll('\n', '') : text));
}

/** Payloads for fields of several lines: many in one, so that all of them take few fields. */
export function bundlesUpTo(length) {
  const bundles = [];
  for (const text of payloadsUpTo(length, { lines: true })) {
    const last = bundles.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= length) bundles[bundles.length - 1] = `${last}\n${text}`;
    else bundles.push(text);
  }
  return bundles;
}

/** Watches a context: any script that sets `__xss` is noted, however soon its page goes away again. */
export async function trap(context) {
  const ran = [];
  await context.exposeBinding('__ran', (source, what) => ran.push(`${source.page.url()}: ${what}`));
  await context.addInitScript(() => {
    Object.defineProperty(globalThis, '__xss', { set: () => globalThis.__ran('__xss was set'), get: () => undefined });
  });
  context.on('page', (page) => {
    page.on('dialog', async (dialog) => {
      // The browser's own question before unsaved changes are left.
      if (dialog.type() === 'beforeunload') return dialog.accept();
      ran.push(`${page.url()}: a dialog said ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) ran.push(`${page.url()}: a frame was made`);
    });
  });
  return ran;
}

/**
 * Everything on the page that markup of a payload would have made: handlers, scripts without nonce, frames,
 * addresses with a scheme that runs. Empty when all of it stayed text.
 */
export function foreignMarkup(page) {
  return page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.push(`${element.tagName} has ${name}=${value}`);
        const address = ['href', 'src', 'action', 'formaction', 'data', 'xlink:href', 'srcdoc', 'poster'].includes(name);
        if (address && (name === 'srcdoc' || /^\s*(javascript|vbscript|data):/i.test(value))) {
          found.push(`${element.tagName} has ${name}=${value}`);
        }
      }
    }
    for (const element of document.querySelectorAll('iframe, object, embed, base, marquee, math, template, noscript, body style, body link, body meta')) {
      // The transcript's own colours carry the nonce of the page.
      if (!(element.tagName === 'STYLE' && element.nonce)) found.push(element.outerHTML.slice(0, 120));
    }
    for (const script of document.scripts) if (!script.nonce) found.push(`${script.outerHTML.slice(0, 120)} in ${script.parentElement?.outerHTML.slice(0, 160)}`);
    return found;
  });
}

/** All that can be read on the page: its text, and what its fields hold. */
export function readable(page) {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
    const labels = [...document.querySelectorAll('optgroup')].map((group) => group.label);
    return [document.body.textContent, ...fields, ...labels].join('\n');
  });
}
