// Forms sent from within a page of the site, with its session: as quick as a request, and for the server the
// same as a pressed button. Where pressing is what is tested, tests press.
import assert from 'node:assert/strict';

/** Sends fields to a path; gives `{ status, path, search }` of where it led. */
export async function post(page, path, fields = {}) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  return page.evaluate(
    async ([to, all]) => {
      const answer = await fetch(to, { method: 'POST', body: new URLSearchParams(all), headers: { accept: 'text/html' } });
      const { pathname, search } = new URL(answer.url);
      return { status: answer.status, path: pathname, search };
    },
    [path, pairs],
  );
}

/** The names and values that the form with this id would send as it stands. */
export async function formValues(page, path, form) {
  const html = await page.evaluate(async (from) => (await fetch(from)).text(), path);
  return page.evaluate(
    ([text, id]) => {
      const found = new DOMParser().parseFromString(text, 'text/html').getElementById(id);
      const values = {};
      for (const [name, value] of new FormData(found)) (values[name] ??= []).push(value);
      return values;
    },
    [html, form],
  );
}

/** Changes some fields of a form and saves it; fails when it is refused. */
export async function save(page, path, form, changes) {
  const values = { ...(await formValues(page, path, form)), ...changes };
  for (const [name, value] of Object.entries(values)) if (value === null) delete values[name];
  const answer = await post(page, path, values);
  assert.ok(answer.status < 400 && answer.search.includes('done='), `saving ${path} led to ${JSON.stringify(answer)}`);
}
