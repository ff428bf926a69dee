// Who may see what: for everyone else a thing is not there, and its absence looks the same.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('access');
const NOTHING = '00000000-0000-7000-8000-000000000000';
const story = {};

d.test('two panels, the second with a team of its own; one ticket of each', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const role = await discord.post(`/control/guilds/${GUILD}/roles`, { name: 'Billing' });
  const bea = await newPerson(discord, 'bea', 'Bea');
  await discord.call('PUT', `/control/guilds/${GUILD}/members/${bea.id}/roles/${role.id}`);
  const general = await publish(page, await makePanel(page, { panel_name: 'General', panel_title: 'General help' }), discord, 'General help');
  const own = await makePanel(page, { panel_name: 'Billing', panel_title: 'Bills', panel_support_roles: role.id });
  const billing = await publish(page, own, discord, 'Bills');
  const mia = await discord.person('mia');
  story.general = await openTicket(discord, mia, general);
  story.billing = await openTicket(discord, mia, billing);
  await mia.send(story.billing.channel, 'My invoice', [new File(['an invoice'], 'invoice.txt', { type: 'text/plain' })]);
  for (const ticket of [story.general, story.billing]) {
    assert.match((await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close' })).search, /done=close/);
  }
  await until('the transcripts to be stored', async () => {
    await page.goto(`/transcripts/${story.billing.id}`);
    story.file = await page.locator('main a[href*="/files/"]').first().getAttribute('href', { timeout: 500 });
    return (await page.goto(`/transcripts/${story.general.id}`)).status() === 200;
  });
});

/** The status of a page and all that it says. */
async function seen(page, path) {
  const answer = await page.goto(path);
  return { status: answer.status(), title: await page.title(), text: await page.locator('body').innerText() };
}

const CASES = [
  // Who, the general ticket's transcript, the other's, the server's pages, its settings.
  ['olivia', 200, 200, 200, 200],
  ['mia', 200, 200, 404, 404],
  ['noah', 404, 404, 404, 404],
  ['sam', 200, 404, 200, 404],
  ['bea', 404, 200, 200, 404],
];

for (const [who, general, billing, server, settings] of CASES) {
  d.test(`${who} sees what is theirs, and of the rest not even that it is there`, async ({ page, signIn }) => {
    await signIn(page, who);
    const nothing = await seen(page, `/transcripts/${NOTHING}`);
    assert.equal(nothing.status, 404);
    for (const [path, status] of [
      [`/transcripts/${story.general.id}`, general],
      [`/transcripts/${story.billing.id}`, billing],
      [HOME, server],
      [`${HOME}/tickets`, server],
      [`${HOME}/settings`, settings],
      [`${HOME}/panels`, settings],
      [`${HOME}/panels/${NOTHING}`, 404],
      [`${HOME}/audit`, settings],
      ['/servers/400000000000000002', 404],
      ['/servers/1', 404],
      ['/servers/not-a-number', 404],
      [`/servers/400000000000000002/tickets/${story.general.id}`, 404],
    ]) {
      const answer = await seen(page, path);
      assert.equal(answer.status, status, `${who} at ${path}`);
      if (status === 404) assert.deepEqual(answer, nothing, `${who} at ${path}`);
    }
    // Files go with the transcript.
    const file = await page.request.get(story.file);
    assert.equal(file.status(), billing);
    const none = await page.request.get(story.file.replace(/[^/]+$/, NOTHING));
    assert.equal(none.status(), 404);
    if (billing === 404) assert.equal(await file.text(), await none.text());
    if (server === 200) {
      await page.goto(`${HOME}/tickets`);
      const rows = (general === 200 ? 1 : 0) + (billing === 200 ? 1 : 0);
      assert.equal(await page.locator('tbody tr').count(), rows, 'the list holds what may be seen');
      const other = await seen(page, `${HOME}/tickets/${(general === 200 ? story.billing : story.general).id}`);
      assert.equal(other.status, rows === 2 ? 200 : 404);
    }
  });
}

d.test('forms of others answer as if there were nothing, in words', async ({ page, signIn }) => {
  await signIn(page, 'sam');
  const nothing = await seen(page, `/transcripts/${NOTHING}`);
  for (const [path, fields] of [
    [`${HOME}/settings`, { revision: 0 }],
    [`${HOME}/panels`, {}],
    [`${HOME}/panels/${NOTHING}/remove`, {}],
    [`${HOME}/tickets/${story.billing.id}`, { action: 'claim' }],
    [`${HOME}/tickets/${NOTHING}`, { action: 'claim' }],
    [`/servers/400000000000000002/tickets/${story.general.id}`, { action: 'close' }],
  ]) {
    assert.equal((await post(page, path, fields)).status, 404, path);
  }
  // As a person meets it: a form of their own making, sent by the browser.
  await page.goto(HOME);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.evaluate((path) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: path });
    document.body.append(form);
    form.submit();
  }, `${HOME}/panels/${NOTHING}/publish`);
  assert.equal((await answered).status(), 404);
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await page.locator('body').innerText(), nothing.text);
});

d.test('signed out, a thing and nothing make the same hop', async ({ url }) => {
  const ask = async (path, headers) => {
    const answer = await fetch(url + path, { redirect: 'manual', headers });
    const kept = [...answer.headers].filter(([name]) => !['date', 'x-correlation-id', 'content-security-policy', 'content-length'].includes(name));
    // The time in a cookie that is taken away is that of the answer.
    const told = JSON.stringify([answer.status, kept, await answer.text()]).replaceAll(/Expires=[^"]*GMT/g, 'Expires=THEN');
    return told.replaceAll(encodeURIComponent(path), 'PATH').replaceAll(path, 'PATH');
  };
  for (const headers of [{}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, { cookie: '__Host-session=made-up' }]) {
    const there = await ask(`/transcripts/${story.general.id}`, headers);
    assert.equal(await ask(`/transcripts/${NOTHING}`, headers), there);
    assert.equal(await ask('/transcripts/anything-else', headers), there);
    assert.equal(await ask(`${HOME}/settings`, headers), there);
    assert.equal(await ask('/servers/1/settings', headers), there);
  }
});

d.test('a transcript is found by no search engine, kept by no cache, and its address goes to no other site', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  const paths = [`/transcripts/${story.general.id}`, `/transcripts/${story.general.id}/export`, `/transcripts/${NOTHING}`, '/transcripts'];
  for (const path of paths) {
    const headers = (await page.goto(path)).headers();
    assert.equal(headers['cache-control'], 'no-store', path);
    assert.match(headers['x-robots-tag'], /\bnoindex\b/, path);
    assert.equal(headers['referrer-policy'], 'same-origin', path);
    // A link to elsewhere may not be sent along by a word of its own.
    for (const referrer of await page.locator('[referrerpolicy]').evaluateAll((all) => all.map((one) => one.getAttribute('referrerpolicy')))) {
      assert.match(referrer, /^(no-referrer|same-origin)$/, path);
    }
  }
});

d.test('a link followed from Discord leads to the transcript through one hop', async ({ page, signIn, discord, url }) => {
  await signIn(page, 'mia');
  const found = await discord.wait('message', { person: 'mia', text: story.general.id });
  assert.ok(JSON.stringify(found).includes(`/transcripts/${story.general.id}`));
  // From another site the Strict cookie stays behind at first.
  await page.goto(`${discord.url}/?as=mia`);
  await page.evaluate((href) => document.body.append(Object.assign(document.createElement('a'), { href, id: 'out' })), `${url}/transcripts/${story.general.id}`);
  const wanted = story.general.id;
  await page.locator('#out').evaluate((link) => link.click());
  await page.waitForURL((address) => address.pathname.endsWith(wanted));
  await page.locator('form[action="/auth/logout"]').first().waitFor({ state: 'attached' });
});

d.test('a form sent from another site changes nothing', async ({ page, signIn, url }) => {
  await signIn(page, 'olivia');
  const cookies = await page.context().cookies(url);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const body = new URLSearchParams({ theme: 'dark' });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: 'https://example.org' },
    { 'sec-fetch-site': 'same-site', origin: url },
    { origin: 'https://example.org' },
    { origin: 'null' },
    {},
  ]) {
    const answer = await fetch(`${url}/account`, { method: 'POST', body, redirect: 'manual', headers: { ...headers, cookie } });
    assert.equal(answer.status, 403, JSON.stringify(headers));
  }
  await page.goto('/account');
  assert.equal(await page.locator('html').getAttribute('data-theme'), null);
  const large = await fetch(`${url}/account`, { method: 'POST', body: 'x'.repeat(300_000), headers: { origin: url, cookie } });
  assert.equal(large.status, 413);
});
