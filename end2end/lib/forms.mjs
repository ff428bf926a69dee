// Forms sent with the session of a page: as quick as a request, and for the server the same as a pressed
// button. Where pressing is what is tested, tests press.
import assert from 'node:assert/strict';

/** Sends fields to a path; gives `{ status, path, search }`: what came back, or where it leads. */
export async function post(page, path, fields = {}) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  const { origin } = new URL(page.url());
  const answer = await page.request.post(origin + path, {
    data: new URLSearchParams(pairs).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', origin },
    // Following would use up a refused form, which comes back once.
    maxRedirects: 0,
  });
  const { pathname, search } = new URL(answer.headers().location ?? path, origin);
  return { status: answer.status(), path: pathname, search };
}

/** The names and values that the form with this id would send as it stands. */
export async function formValues(page, path, form) {
  const answer = await page.request.get(new URL(path, page.url()).href);
  assert.equal(answer.status(), 200, path);
  return page.evaluate(
    ([text, id]) => {
      const found = new DOMParser().parseFromString(text, 'text/html').getElementById(id);
      const values = {};
      for (const [name, value] of new FormData(found)) (values[name] ??= []).push(value);
      return values;
    },
    [await answer.text(), form],
  );
}

/** Changes some fields of a form and saves it; fails when it is refused. `null` leaves a field out. */
export async function save(page, path, form, changes) {
  const values = { ...(await formValues(page, path, form)), ...changes };
  for (const [name, value] of Object.entries(values)) if (value === null) delete values[name];
  const answer = await post(page, path, values);
  assert.ok(answer.status < 400 && answer.search.includes('done='), `saving ${path} led to ${JSON.stringify(answer)}`);
}
