// Taking a transcript along: downloaded as a person would, and opened from a disk without any network, with
// JavaScript and without.
import { Buffer, File } from 'node:buffer';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PHONE, assertAccessible, assertFitsWidth, choose, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';
import { unzip } from '../lib/unzip.mjs';

const d = desk('export');
const story = {};
const HOSTILE = '<script>globalThis.ran = true</script><img src=x onerror="globalThis.ran = true">';

d.test('a ticket with pictures and files is closed', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page, { time_zone: 'Europe/Berlin' });
  const panel = await publish(page, await makePanel(page, { panel_title: 'Help' }), discord, 'Help');
  const [mia, sam] = await Promise.all(['mia', 'sam'].map((name) => discord.person(name)));
  const ticket = await openTicket(discord, mia, panel);
  story.path = `/transcripts/${ticket.id}`;
  await sam.press(ticket.welcome, `wd:claim:${ticket.id}`);
  await mia.send(ticket.channel, 'The **lamp** went out', [new File([lighthouse()], 'north_pier.png', { type: 'image/png' })]);
  await sam.send(ticket.channel, HOSTILE, [new File(['a log of the night'], 'night.log', { type: 'text/plain' })]);
  const typo = await mia.send(ticket.channel, 'In the shead');
  await mia.edit(ticket.channel, typo.id, 'In the shed, ||behind the door||');
  assert.match((await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close', reason: 'Lit again' })).search, /done=close/);
  await until('the transcript to be stored', async () => {
    await page.goto(story.path);
    return (await page.getByText('is open').count()) === 0;
  });
});

/** Chooses a format on the page and downloads; gives the file's name and bytes. */
async function download(page, format, zone) {
  await page.goto(story.path);
  await page.getByRole('link', { name: 'Export', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Export ticket 1' }).waitFor();
  await page.getByRole('radio', { name: format }).check();
  if (zone) await choose(page, 'Times in', zone);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** Opens files from a folder of their own, with no network, and gives what each look at it saw. */
async function opened(files, start, newContext, look) {
  const folder = mkdtempSync(join(tmpdir(), 'wardesk-export-'));
  try {
    for (const [name, content] of files) {
      const path = join(folder, name);
      assert.ok(path.startsWith(folder), name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const shots = [];
    for (const javaScriptEnabled of [true, false]) {
      const context = await newContext({ offline: true, javaScriptEnabled, baseURL: undefined });
      const asked = [];
      const page = await context.newPage();
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(pathToFileURL(join(folder, start)).href);
      await look(page, javaScriptEnabled);
      const image = page.getByRole('img', { name: 'Image north_pier.png' });
      await image.scrollIntoViewIfNeeded();
      shots.push(await image.screenshot());
      const outside = asked.filter((url) => !url.startsWith('data:') && !url.startsWith(pathToFileURL(folder).href));
      assert.deepEqual(outside, [], 'the file asks for something outside of it');
      story.asked = asked;
    }
    assert.ok(shots[0].equals(shots[1]), 'the picture is the same without JavaScript');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readable(page, scripts) {
  for (const text of ['The lamp went out', '<script>globalThis.ran = true</script>', 'Lit again', 'End of the transcript']) {
    await page.getByText(text).first().waitFor();
  }
  await page.getByText('earlier versions').click();
  await page.getByText('In the shead').waitFor();
  if (!scripts) return;
  const image = page.getByRole('img', { name: 'Image north_pier.png' });
  await until('the picture to be drawn', () => image.evaluate((one) => one.complete && one.naturalWidth === 480));
  assert.equal(await page.evaluate(() => globalThis.ran), undefined);
  assert.equal(await page.locator('script').count(), 0);
  await assertAccessible(page);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', from a page without JavaScript';

  d.test(`one web page holds everything${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn, newContext }) => {
    await signIn(page, 'mia');
    const { name, bytes } = await download(page, /^Web page One/);
    assert.match(name, /^ticket-1-.*\.html$/);
    assert.ok(!bytes.includes('/transcripts/'), 'nothing leads to the site');
    assert.ok(bytes.includes(Buffer.from('a log of the night').toString('base64')), 'the file is inside');
    await opened([[name, bytes]], name, newContext, readable);
    assert.equal(story.asked.filter((url) => !url.startsWith('data:')).length, 1, 'the file itself and nothing else');
  });
}

d.test('it looks well on a phone, in the dark and on paper', async ({ page, signIn, newContext }) => {
  await signIn(page, 'mia');
  const { name, bytes } = await download(page, /^Web page One/);
  const folder = mkdtempSync(join(tmpdir(), 'wardesk-export-'));
  try {
    writeFileSync(join(folder, name), bytes);
    for (const [look, options] of [['wide-light', {}], ['wide-dark', { colorScheme: 'dark' }], ['phone-light', { viewport: PHONE }], ['phone-dark', { viewport: PHONE, colorScheme: 'dark' }]]) {
      const context = await newContext({ offline: true, baseURL: undefined, ...options });
      const file = await context.newPage();
      await file.goto(pathToFileURL(join(folder, name)).href);
      await assertFitsWidth(file);
      await assertAccessible(file);
      await shot(file, `export-${look}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

d.test('an archive has its files in a folder', async ({ page, signIn, newContext }) => {
  await signIn(page, 'sam');
  const { name, bytes } = await download(page, /^Web page and folder/);
  assert.match(name, /^ticket-1-.*\.zip$/);
  const files = unzip(bytes);
  assert.ok(files.has('index.html'));
  const kept = [...files.keys()].filter((one) => one !== 'index.html');
  for (const one of kept) assert.match(one, /^files\/[0-9]+-[^/\\]+$/);
  assert.ok(kept.some((one) => one.endsWith('-north_pier.png')) && kept.some((one) => one.endsWith('-night.log.txt')), kept.join());
  await opened([...files], 'index.html', newContext, readable);
});

d.test('JSON, text and Markdown come in the zone that was chosen', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  const json = JSON.parse((await download(page, /^JSON/)).bytes);
  assert.equal(json.format, 'wardesk-transcript');
  assert.equal(json.end.items, json.timeline.length);
  const said = json.timeline.map((item) => item.versions?.map((version) => version.message.content));
  assert.ok(said.some((all) => all?.[0] === 'In the shead' && all[1] === 'In the shed, ||behind the door||'));
  const text = (await download(page, /^Plain text/, 'Asia/Tokyo')).bytes.toString();
  assert.match(text, /^Times: Asia\/Tokyo$/m);
  assert.match(text, /^Mia · .*\n {4}The lamp went out$/m);
  const { name, bytes } = await download(page, /^Markdown/);
  assert.match(name, /\.md$/);
  assert.match(bytes.toString(), /^Times|> The \*\*lamp\*\* went out\\?$/m);
  assert.ok(!bytes.includes('<script>'));
});

d.test('staff are told that it is noted, and it is; strangers find nothing', async ({ page, signIn, newContext }) => {
  await signIn(page, 'noah');
  assert.equal((await page.goto(`${story.path}/export`)).status(), 404);
  assert.equal((await post(page, `${story.path}/export`, { format: 'json', zone: 'UTC' })).status, 404);
  assert.equal((await page.request.get(`${new URL(page.url()).origin}${story.path}/export/live`)).status(), 404);
  const context = await newContext();
  const staff = await context.newPage();
  await signIn(staff, 'olivia');
  await staff.goto(`${story.path}/export`);
  await staff.getByText('noted in the audit log').waitFor();
  for (const fields of [{ format: 'exe', zone: 'UTC' }, { format: 'json', zone: 'Mars/Olympus' }, {}]) {
    assert.equal((await post(staff, `${story.path}/export`, fields)).status, 422);
  }
  await download(staff, /^JSON/);
  await staff.goto(`${HOME}/audit`);
  await staff.getByText('Exported the transcript of ticket 1').first().waitFor();
});

d.test('headers say download and nothing else', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  const { origin } = new URL(page.url());
  const answer = await page.request.post(`${origin}${story.path}/export`, {
    form: { format: 'html', zone: 'UTC' },
    headers: { origin },
  });
  const headers = answer.headers();
  assert.equal(answer.status(), 200);
  assert.match(headers['content-disposition'], /^attachment; filename\*=UTF-8''ticket-1-/);
  assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'");
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
  // Nobody else's page begins one.
  const foreign = await page.request.post(`${origin}${story.path}/export`, {
    form: { format: 'html', zone: 'UTC' },
    headers: { origin: 'https://elsewhere.example' },
  });
  assert.equal(foreign.status(), 403);
});

/** Begins an export and reads nothing of it; gives what ends it. */
async function held(page) {
  const { origin, host } = new URL(page.url());
  const cookie = (await page.context().cookies(origin)).map((one) => `${one.name}=${one.value}`).join('; ');
  const form = 'format=html&zone=UTC';
  const headers = { cookie, origin, host, 'content-type': 'application/x-www-form-urlencoded', 'content-length': form.length };
  const asked = request(`${origin}${story.long}/export`, { method: 'POST', headers });
  const answer = await new Promise((resolve, reject) => asked.on('response', resolve).on('error', reject).end(form));
  assert.equal(answer.statusCode, 200);
  answer.on('error', () => {});
  return () => asked.destroy();
}

d.test('its page says how far it is, and who has two under way waits', { timeout: 120_000 }, async ({ page, signIn, newContext, discord }) => {
  await signIn(page, 'olivia');
  const panel = await publish(page, await makePanel(page, { panel_title: 'Long' }), discord, 'Long');
  const mia = await discord.person('mia');
  const ticket = await openTicket(discord, mia, panel);
  story.long = `/transcripts/${ticket.id}`;
  // More than what waits between a server and a browser that does not read.
  for (const name of ['one.bin', 'two.bin']) await mia.send(ticket.channel, name, [new File([randomBytes(3_500_000)], name)]);
  const context = await newContext();
  const reader = await context.newPage();
  await signIn(reader, 'mia');
  await until('the files to be copied', async () => {
    await reader.goto(story.long);
    return (await reader.getByRole('link', { name: /\.bin/ }).count()) === 2;
  }, { seconds: 60, every: 500 });
  await reader.goto(`${story.long}/export`);
  const running = reader.getByText(/^Web page: [0-9]+ of [0-9]+ messages$/);
  assert.equal(await running.count(), 0);
  const first = await held(reader);
  // The page learns of it by itself.
  await running.waitFor();
  await assertAccessible(reader);
  await shot(reader, 'export-progress');
  const second = await held(reader);
  await until('both to be told of', async () => (await running.count()) === 2);
  assert.equal((await post(reader, `${story.long}/export`, { format: 'text', zone: 'UTC' })).status, 429);
  await reader.getByRole('button', { name: 'Download' }).click();
  await reader.getByRole('heading', { name: 'Too many exports at once' }).waitFor();
  await reader.getByText('You have two exports under way').waitFor();
  // The stream of a page may be late: what happened before it began is not missed.
  let begin;
  const late = new Promise((resolve) => (begin = resolve));
  await reader.route('**/export/live', async (route) => {
    await late;
    await route.continue();
  });
  await reader.goto(`${story.long}/export`);
  await running.first().waitFor();
  // Whoever goes away ends the work.
  first();
  second();
  await until('the work to end', async () => !/of [0-9]+ messages/.test(await (await reader.request.get(`${story.long}/export`)).text()));
  assert.notEqual(await running.count(), 0);
  begin();
  await until('the page to say so', async () => (await running.count()) === 0);
});
