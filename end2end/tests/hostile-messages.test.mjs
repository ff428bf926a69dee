// What messages can hold, filled with markup and scripts: each payload in every field of a message that a person can
// fill, and in the lines of the system. On the transcript's page all of it is text, and runs nowhere.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { seesPlantedViolation } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { PAYLOADS, foreignMarkup, messageFullOf, trap } from '../lib/payloads.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';
import { configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const d = desk('hostile-messages');
const story = { ids: [] };

/** Types of messages that are lines of the system, and one that Discord does not have. */
const SYSTEM = [1, 4, 18, 20, 21, 24, 25, 31, 44, 46, 9001];
/** Messages sent at once. */
const AT_ONCE = 8;

/** What is left of a text when all is taken away that HTML or a field of one line may not hold. */
// eslint-disable-next-line no-control-regex
const bare = (text) => text.replace(/[\s\u0000-\u001f\u007f\ufffd\ufeff]/g, '');

async function place(discord, channel, payload, index) {
  const message = messageFullOf(payload);
  // Every payload once in an answer with all there is, and once in a line of the system.
  if (index >= PAYLOADS.length) message.type = SYSTEM[index % SYSTEM.length];
  if (message.type === 21) message.content = '';
  let cargo = message;
  // Files in one of both, since each is copied; in the other, their objects stand alone.
  if (index < PAYLOADS.length) {
    cargo = new FormData();
    cargo.append('payload_json', JSON.stringify(message));
    cargo.append('files[0]', new File([story.picture], 'picture.png', { type: 'image/png' }), 'picture.png');
  }
  const sent = await discord.call('POST', `/control/channels/${channel}/messages`, cargo);
  story.ids[index] = sent.id;
}

d.test('each payload is sent in each field', { timeout: 180_000 }, async ({ page, signIn, discord }) => {
  assert.ok(PAYLOADS.length >= 500, `${PAYLOADS.length} payloads`);
  assert.ok(JSON.stringify(messageFullOf('x7x')).split('x7x').length > 100, 'in few fields');
  story.picture = lighthouse();
  await discord.call('PATCH', '/control/settings', { limits: 'off' });
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await makePanel(page, { panel_name: 'Help', panel_title: 'Help' });
  const ticket = await openTicket(discord, await discord.person('mia'), await publish(page, panel, discord, 'Help'));
  story.path = `/transcripts/${ticket.id}`;
  story.channel = ticket.channel;
  const all = [...PAYLOADS, ...PAYLOADS].entries();
  const sender = async () => {
    for (const [index, payload] of all) await place(discord, ticket.channel, payload, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const last = story.ids.reduce((one, other) => (BigInt(one) > BigInt(other) ? one : other));
  await until('the last message to be archived', async () => {
    const answer = await page.request.get(`${new URL(page.url()).origin}${story.path}?from=${last}`);
    return (await answer.text()).includes(`m-${last}`);
  }, { seconds: 120, every: 1000 });
  // What was placed is more than Discord's description knows.
  await discord.call('DELETE', '/control/violations');
});

/** Opens everything that can be opened and moves over everything; gives what each message shows. */
const stir = (page) =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    for (const element of document.querySelectorAll('main *')) {
      for (const name of ['pointerover', 'mouseover', 'focus']) element.dispatchEvent(new Event(name, { bubbles: true }));
    }
    return [...document.querySelectorAll('article[id^="m-"]')].map((article) => {
      const fields = [...article.querySelectorAll('[alt], [title], [aria-label]')].flatMap((element) =>
        ['alt', 'title', 'aria-label'].map((name) => element.getAttribute(name) ?? ''),
      );
      return [article.id.slice(2), article.textContent, fields.join('\n')];
    });
  });

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';
  d.test(`nothing of it is more than text${how}`, { timeout: 180_000, context: { javaScriptEnabled } }, async ({ context, signIn }) => {
    const ran = javaScriptEnabled ? await trap(context) : [];
    const page = await context.newPage();
    await signIn(page, 'olivia');
    if (javaScriptEnabled) {
      // The witness sees.
      await page.goto('/servers');
      await seesPlantedViolation(page);
      await page.evaluate(() => {
        globalThis.__xss = 1;
      });
      await until('the trap to tell', () => ran.length === 1);
      ran.length = 0;
    }
    const shown = new Map();
    let next = story.path;
    for (let pages = 0; next; pages += 1) {
      assert.ok(pages < 20, 'the pages do not end');
      const answer = await page.goto(next);
      assert.equal(answer.status(), 200, next);
      assert.deepEqual(await foreignMarkup(page), [], next);
      for (const [id, text, attributes] of await stir(page)) shown.set(id, [bare(text), bare(attributes)]);
      const later = page.getByRole('link', { name: 'Later messages' });
      next = (await later.count()) > 0 ? await later.first().getAttribute('href') : null;
      if (next) next = new URL(next, page.url()).href;
    }
    const lost = [];
    for (const [index, id] of story.ids.entries()) {
      const payload = bare(PAYLOADS[index % PAYLOADS.length]);
      const [text, attributes] = shown.get(id) ?? ['', ''];
      if (!text.includes(payload)) lost.push(`${id}: ${payload}`);
      // The picture's name stands in its alternative text.
      if (index < PAYLOADS.length && !attributes.includes(payload)) lost.push(`${id}: ${payload} in attributes`);
    }
    assert.deepEqual(lost, [], 'not shown as text');
    context.watch.assertClean();
    assert.deepEqual(ran, []);
  });
}

/** Files that are not what they say, or would run where a browser believed them: name, stated type, bytes, shown or not. */
function files() {
  const text = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  const script = '<script>__xss=1;parent.__xss=1;top.__xss=1</script>';
  const picture = story.picture;
  // 64 MiB of zeros, in 64 KiB: whoever unpacks it notices.
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  return [
    ['page.html', 'text/html', text(script)],
    ['page.png', 'image/png', text(`<!doctype html>${script}`)],
    ['page.htm.jpg', 'image/jpeg', text(`\n \t<html>${script}`)],
    ['page.xhtml', 'application/xhtml+xml', text(`<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`)],
    ['page.mht', 'message/rfc822', text(`MIME-Version: 1.0\nContent-Type: text/html\n\n${script}`)],
    ['page.hta', 'application/hta', text(script)],
    ['wide.html', 'text/html; charset=utf-16', text('\xff\xfe', Buffer.from(script, 'utf16le'))],
    ['seven.html', 'text/html; charset=utf-7', text('+ADw-script+AD4-__xss=1+ADw-/script+AD4-')],
    ['drawing.svg', 'image/svg+xml', text(`<svg xmlns="http://www.w3.org/2000/svg" onload="__xss=1">${script}</svg>`)],
    ['drawing.png', 'image/png', text(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="__xss=1"/>`)],
    ['drawing.svgz', 'image/svg+xml', gzipSync(text('<svg xmlns="http://www.w3.org/2000/svg" onload="__xss=1"/>'))],
    ['style.xml', 'text/xml', text('<?xml version="1.0"?><?xml-stylesheet href="x.xsl" type="text/xsl"?><x/>')],
    ['paper.pdf', 'application/pdf', text('%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF')],
    ['paper.png', 'image/png', text('%PDF-1.7\n%%EOF')],
    ['code.js', 'text/javascript', text('__xss=1')],
    ['code.png', 'image/png', text('__xss=1')],
    ['code.wasm', 'application/wasm', text('\0asm\x01\0\0\0')],
    ['sheet.css', 'text/css', text('*{background:url(//evil.example)}')],
    ['film.swf', 'application/x-shockwave-flash', text('CWS\x0a\0\0\0\0')],
    ['tool.exe', 'image/gif', text('MZ\x90\0')],
    ['tool', 'application/x-elf', text('\x7fELF\x02\x01')],
    ['office.docm', 'application/vnd.ms-word', text('PK\x03\x04\x14\0')],
    ['bomb.gz', 'application/gzip', bomb],
    ['bomb.png', 'image/png', bomb],
    ['nothing.png', 'image/png', text('\0')],
    ['half.png', 'image/png', text('\x89PNG\r\n')],
    ['..%2f..%2fetc%2fpasswd', 'text/plain', text('root:x:0:0')],
    ['a\u202egnp.exe', 'image/png', text('MZ')],
    // What they begin with makes them pictures and sounds; what follows must stay as dead as they are.
    ['after.png', 'text/html', text(picture, script), 'image/png'],
    ['comment.gif', 'text/javascript', text('GIF89a/*', '\0'.repeat(40), `*/=1;__xss=1;//${script}`), 'image/gif'],
    ['comment.jpg', 'text/html', text('\xff\xd8\xff\xfe\x01\0', script, '\xff\xd9'), 'image/jpeg'],
    ['sound.ogg', 'image/svg+xml', text('OggS', script), 'audio/ogg'],
    ['sound.mp3', 'text/html', text('ID3', script), 'audio/mpeg'],
    ['film.mp4', 'text/html', text('\0\0\0\x18ftypmp42', script), 'video/mp4'],
    ['film.webm', 'text/html', text('\x1a\x45\xdf\xa3\x87\x42\x82\x84webm', script), 'video/webm'],
    ['picture.webp', 'application/pdf', text('RIFF\0\0\0\0WEBPVP8 ', script), 'image/webp'],
  ];
}

d.test('files are downloads, or dead pictures, whatever they say they are', { timeout: 120_000 }, async ({ context, signIn, discord }) => {
  const ran = await trap(context);
  const page = await context.newPage();
  await signIn(page, 'olivia');
  const all = files();
  const sent = [];
  for (let from = 0; from < all.length; from += 10) {
    const form = new FormData();
    form.append('payload_json', JSON.stringify({ author: { id: '90', username: 'x' }, content: 'files' }));
    all.slice(from, from + 10).forEach(([name, type, bytes], index) => form.append(`files[${index}]`, new File([bytes], name, { type }), name));
    sent.push(await discord.call('POST', `/control/channels/${story.channel}/messages`, form));
  }
  const path = `${story.path}?from=${sent[0].id}`;
  await until('every file to be copied', async () => {
    await page.goto(path);
    return (await page.locator(`#m-${sent.at(-1).id}`).count()) === 1 && !(await page.content()).includes('Still being copied');
  });
  const hrefs = await page.evaluate(
    (ids) =>
      ids.flatMap((id) => {
        const places = [...document.querySelectorAll(`#m-${id} [href*="/files/"], #m-${id} [src*="/files/"]`)];
        return [...new Set(places.map((place) => place.getAttribute('href') ?? place.getAttribute('src')))];
      }),
    sent.map((message) => message.id),
  );
  assert.equal(hrefs.length, all.length, 'a file is not on the page');
  for (const [index, href] of hrefs.entries()) {
    const [name, , bytes, shown] = all[index];
    const answer = await page.request.get(href);
    const headers = answer.headers();
    assert.equal(answer.status(), 200, name);
    assert.equal(headers['content-type'], shown ?? 'application/octet-stream', name);
    assert.match(headers['content-disposition'] ?? '', shown ? /^inline; filename\*=UTF-8''[\w.%~-]+$/ : /^attachment; filename\*=UTF-8''[\w.%~-]+$/, name);
    assert.equal(headers['x-content-type-options'], 'nosniff', name);
    assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'", name);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', name);
    assert.match(headers['cache-control'] ?? '', /private/, name);
    // As it came: nothing unpacks it on the way.
    assert.equal(headers['content-encoding'], undefined, name);
    assert.ok((await answer.body()).equals(bytes), `${name} is not what was sent`);
  }
  // Opened by themselves, those that are shown are as dead as in the page; the others begin a download.
  for (const [index, href] of hrefs.entries()) {
    const [name, , , shown] = all[index];
    const opened = await page.goto(href).then(
      () => true,
      (error) => assert.match(error.message, /Download is starting|ERR_ABORTED/, name),
    );
    assert.equal(Boolean(opened), shown !== undefined, `${name} was ${opened ? '' : 'not '}opened`);
    if (opened) assert.equal(await page.evaluate(() => document.scripts.length), 0, name);
  }
  assert.deepEqual(ran, []);
  // A sandboxed document reports the frame's own refusals to nobody; what the pages of the product did is watched.
  context.watch.clear();
  await discord.call('DELETE', '/control/violations');
});
