// Every feature of Discord's messages on the product's own page: the fixtures of crates/transcript, sent through the
// sandbox and the archive. docs/RENDERING.md shows the pictures, which are taken when WARDESK_PICTURES=1.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { blinking, horn } from '../lib/media.mjs';
import { lighthouse } from '../lib/png.mjs';
import { OUT, until } from '../lib/processes.mjs';
import { configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const FIXTURES = new URL('../../crates/transcript/tests/fixtures/', import.meta.url).pathname;
const PICTURES =
  process.env.WARDESK_PICTURES === '1'
    ? new URL('../../docs/pictures/rendering/', import.meta.url).pathname
    : `${OUT}rendering/`;

const fixtures = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5))
  .sort()
  .map((name) => ({ name, ...JSON.parse(readFileSync(`${FIXTURES}${name}.json`, 'utf8')) }));

const d = desk('rendering');
const story = {};

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();

/** The bytes of a fixture's attachment, by its kind. */
function bytesOf(attachment) {
  if (attachment.content_type.startsWith('image/')) return story.picture;
  if (attachment.content_type.startsWith('audio/')) return story.sound;
  if (attachment.content_type.startsWith('video/')) return story.film;
  return Buffer.from('18:00 lit\n'.repeat(120));
}

/** Sends a message of a fixture; ids that later messages name become those that it got. */
async function send(discord, channel, message, ids) {
  let text = JSON.stringify(message);
  for (const [fixed, real] of ids) text = text.replaceAll(`"${fixed}"`, `"${real}"`);
  const { id, timestamp, ...fields } = JSON.parse(text);
  if (fields.call?.ended_timestamp) {
    // As long after now as it was after its beginning.
    const lasted = Date.parse(fields.call.ended_timestamp) - Date.parse(timestamp);
    // The message gets its time a moment later; only whole seconds are shown.
    fields.call.ended_timestamp = new Date(Date.now() + lasted + 900).toISOString();
  }
  const files = fields.attachments ?? [];
  const form = new FormData();
  form.append('payload_json', JSON.stringify(fields));
  files.forEach((file, index) => {
    form.append(`files[${index}]`, new File([bytesOf(file)], file.filename, { type: file.content_type }), file.filename);
  });
  const sent = await discord.call('POST', `/control/channels/${channel}/messages`, form);
  if (id) ids.set(id, sent.id);
  return sent.id;
}

/** The part of the page that a fixture takes, with some space around it. */
async function frame(page, messages) {
  return page.evaluate((wanted) => {
    const boxes = wanted.map((id) => document.getElementById(`m-${id}`).getBoundingClientRect());
    const log = document.querySelector('.t-log').getBoundingClientRect();
    const top = Math.min(...boxes.map((box) => box.top)) + globalThis.scrollY - 6;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + globalThis.scrollY + 6;
    return { x: log.left, y: top, width: log.width, height: bottom - top };
  }, messages);
}

d.test('every fixture is sent and archived', { timeout: 300_000 }, async ({ page, signIn, discord, url }) => {
  story.picture = lighthouse();
  story.sound = horn();
  story.film = await page.goto(`${url}/`).then(() => blinking(page));
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await makePanel(page, { panel_name: 'Rendering', panel_title: 'Rendering' });
  const message = await publish(page, panel, discord, 'Rendering');
  const mia = await discord.person('mia');
  const ticket = await openTicket(discord, mia, message);
  story.path = `/transcripts/${ticket.id}`;
  const ids = new Map();
  for (const fixture of fixtures) {
    fixture.ids = [];
    // A line between two, which names the next: an author's run of messages would go on otherwise, without a header.
    await send(discord, ticket.channel, { author: 'noah', type: 4, content: fixture.name }, ids);
    for (const one of fixture.messages) fixture.ids.push(await send(discord, ticket.channel, one, ids));
  }
  const last = fixtures.at(-1).ids.at(-1);
  await until('the last message and every file to be archived', async () => {
    await page.goto(`${story.path}?from=${last}`);
    const html = await page.content();
    if (!html.includes(`m-${last}`)) return false;
    await page.goto(story.path);
    return !(await page.content()).includes('Still being copied');
  });
  // What was placed is more than Discord's description knows; what the bot asked for is checked by the other tests.
  await discord.call('DELETE', '/control/violations');
});

// Without JavaScript: what is read must not grow while it is read.
d.test('every feature is on the page', { timeout: 300_000, context: { javaScriptEnabled: false } }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(story.path);
  const pages = [story.path];
  const missing = [];
  for (const fixture of fixtures) {
    if ((await page.locator(`#m-${fixture.ids[0]}`).count()) === 0) {
      pages.push(`${story.path}?from=${fixture.ids[0]}`);
      await page.goto(pages.at(-1));
    }
    const articles = fixture.ids.map((id) => page.locator(`#m-${id}`));
    const read = async () => oneLine((await Promise.all(articles.map((article) => article.innerText()))).join(' '));
    const text = await read();
    for (const shown of fixture.shows) {
      if (!text.toLowerCase().includes(oneLine(shown).toLowerCase())) missing.push(`${fixture.name}: ${shown} is not in ${text}`);
    }
    for (const hidden of fixture.after_click ?? []) {
      if (text.includes(oneLine(hidden))) missing.push(`${fixture.name}: ${hidden} is to be seen before a click`);
    }
    for (const article of articles) {
      for (const summary of await article.locator('summary').all()) await summary.click();
      for (const spoiler of await article.locator('.t-spoiler > input').all()) await spoiler.check({ force: true });
    }
    const opened = await read();
    for (const hidden of fixture.after_click ?? []) {
      if (!opened.includes(oneLine(hidden))) missing.push(`${fixture.name}: ${hidden} is not to be seen after a click: ${opened}`);
    }
  }
  assert.deepEqual(missing, []);
  story.pages = pages;
});

d.test('it can be read by everyone, wide and narrow, light and dark', { timeout: 300_000 }, async ({ newContext, signIn }) => {
  const wrong = [];
  for (const [stem, options] of [
    ['wide-light', { colorScheme: 'light' }],
    ['wide-dark', { colorScheme: 'dark' }],
    ['phone-light', { viewport: PHONE, colorScheme: 'light' }],
    ['phone-dark', { viewport: PHONE, colorScheme: 'dark' }],
  ]) {
    const context = await newContext(options);
    const page = await context.newPage();
    await signIn(page, 'olivia');
    for (const [index, path] of story.pages.entries()) {
      await page.goto(path);
      await assertFitsWidth(page).catch((error) => wrong.push(`${stem}: ${error.message}`));
      await assertAccessible(page).catch((error) => wrong.push(`${stem}: ${error.message}`));
      await shot(page, `rendering-${stem}-${index + 1}`);
    }
  }
  assert.equal(wrong.join('\n'), '');
});

d.test('a sticker of Lottie moves when it is seen, and its name stays where none can', async ({ page, newContext, signIn }) => {
  const { ids } = fixtures.find((fixture) => fixture.name === 'stickers');
  const open = async (page) => {
    const answers = [];
    page.on('request', (request) => answers.push(new URL(request.url()).pathname));
    await signIn(page, 'olivia');
    await page.goto(`${story.path}?from=${ids[0]}`);
    return answers;
  };
  /** How many of the canvas's pixels are painted, and their sum, which another frame changes. */
  const painted = (canvas) =>
    canvas.evaluate((one) => {
      const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
      let [count, sum] = [0, 0];
      for (let at = 3; at < data.length; at += 4) {
        if (data[at] === 0) continue;
        count += 1;
        sum += at;
      }
      return { count, sum };
    });
  const asked = await open(page);
  const message = page.locator(`#m-${ids[1]}`);
  assert.match(await message.innerText(), /Animated sticker:\s+High five/);
  assert.ok(!asked.includes('/player/lottie.js'), 'the player is not fetched before it is wanted');
  await message.scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 1);
  const sticker = message.getByRole('img', { name: 'High five' });
  const canvas = sticker.locator('canvas');
  await until('the first frame', async () => (await canvas.count()) === 1 && (await painted(canvas)).count > 0);
  const first = await painted(canvas);
  await until('another frame', async () => (await painted(canvas)).sum !== first.sum);
  assert.equal(asked.filter((path) => path === '/player/lottie.js').length, 1);
  assert.doesNotMatch(await message.innerText(), /Animated sticker/);
  await shot(page, 'rendering-lottie');

  const calm = await (await newContext({ reducedMotion: 'reduce' })).newPage();
  await open(calm);
  await calm.mouse.wheel(0, 1);
  await calm.locator(`#m-${ids[1]}`).scrollIntoViewIfNeeded();
  const still = calm.locator(`#m-${ids[1]} canvas`);
  await until('a still frame', async () => (await still.count()) === 1 && (await painted(still)).count > 0);
  const frame = await painted(still);
  // As many frames as a moving one would have shown.
  await calm.evaluate(() => new Promise((done) => {
    let frames = 30;
    const next = () => (--frames > 0 ? requestAnimationFrame(next) : done());
    next();
  }));
  assert.deepEqual(await painted(still), frame);

  const broken = await (await newContext()).newPage();
  await broken.route('**/files/**', (route) => (route.request().resourceType() === 'fetch' ? route.fulfill({ body: '{"v":"5.5.7"}' }) : route.continue()));
  const files = await open(broken);
  await broken.mouse.wheel(0, 1);
  await broken.locator(`#m-${ids[1]}`).scrollIntoViewIfNeeded();
  await until('the file to be fetched', () => files.some((path) => path.includes('/files/')));
  await broken.waitForLoadState('networkidle');
  assert.match(await broken.locator(`#m-${ids[1]}`).innerText(), /Animated sticker:\s+High five/);
});

d.test('a picture of each', { timeout: 300_000 }, async ({ newContext, signIn }) => {
  mkdirSync(PICTURES, { recursive: true });
  const context = await newContext({ viewport: { width: 760, height: 900 }, colorScheme: 'light', javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, 'olivia');
  await page.goto(story.path);
  for (const fixture of fixtures) {
    if ((await page.locator(`#m-${fixture.ids[0]}`).count()) === 0) await page.goto(`${story.path}?from=${fixture.ids[0]}`);
    // What is hidden does not load either.
    for (const img of await page.locator(fixture.ids.map((id) => `#m-${id} img:visible`).join(', ')).all()) {
      await img.scrollIntoViewIfNeeded();
      await until('a picture to load', () => img.evaluate((one) => one.complete && one.naturalWidth > 0));
    }
    await page.screenshot({ path: `${PICTURES}${fixture.name}.png`, fullPage: true, clip: await frame(page, fixture.ids) });
  }
});
