// A transcript of several thousand messages: whoever scrolls through it, down and up, slowly or in leaps, reads every
// message once, keeps their place when windows come and go, and has a page that does not grow. How quick it is, is
// measured by bench/run scroll.
import assert from 'node:assert/strict';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';
import { configure, makePanel, openTicket, publish } from '../lib/seed.mjs';
import { travel } from '../lib/travel.mjs';

const d = desk('scrolling');
const COUNT = 2500;
/** Messages of a window, and windows that a page keeps. */
const WINDOW = 100;
const KEPT = 5;
const story = { ids: [] };

/** Messages of very different heights, so that no guess of a height is right. */
function text(n) {
  const lines = Array.from({ length: [0, 0, 2, 0, 9, 1, 0, 25, 0, 4][n % 10] }, (_, line) => `line ${line} of ${n}`);
  const long = n % 17 === 0 ? ` ${'It goes on for a while. '.repeat(30)}` : '';
  return [`message ${n}.${long}`, ...lines].join('\n');
}

d.test('a ticket of some thousand messages', { timeout: 240_000 }, async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_title: 'Help' }), discord, 'Help');
  const [mia, sam] = await Promise.all(['mia', 'sam'].map((name) => discord.person(name)));
  const ticket = await openTicket(discord, mia, panel);
  story.path = `/transcripts/${ticket.id}`;
  for (let n = 0; n < COUNT; n += 1) story.ids.push((await (n % 5 < 2 ? mia : sam).send(ticket.channel, text(n))).id);
  await until('all of it to be archived', async () => {
    await page.goto(`${story.path}?go=last`);
    return (await page.locator(`#m-${story.ids.at(-1)}`).count()) === 1;
  }, { seconds: 60 });
});

/** Opens a place and waits until the program of the page runs. */
async function open(page, query) {
  await page.goto(story.path + query);
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 310);
  await until('the program to run', async () => (await page.locator('#zone option', { hasText: 'As on this device' }).count()) === 1);
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** That a way through the transcript showed `wanted`, each number once and none beside the others. */
function assertRead(report, wanted, what) {
  assert.equal(report.stuck, null, `${what}: it went on`);
  assert.deepEqual(report.broken, [], `${what}: what is on the page is in order, without gaps and repetitions`);
  assert.deepEqual(report.skipped, [], `${what}: nothing was scrolled past unseen`);
  assert.deepEqual(report.jumps, [], `${what}: what is read stays where it is`);
  const seen = new Set(report.seen);
  assert.deepEqual(wanted.filter((n) => !seen.has(n)), [], `${what}: every message was seen`);
  // The desk's own first message stands in the first window besides.
  assert.ok(report.messages <= KEPT * WINDOW, `${what}: ${report.messages} messages at once`);
}

d.test('down to the end and up to the beginning', { timeout: 240_000 }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await open(page, '');
  const down = await travel(page, { by: 400, to: COUNT - 1 });
  assertRead(down, range(0, COUNT - 1), 'down');
  assert.ok(down.swaps >= COUNT / WINDOW - 1, `${down.swaps} windows came`);
  const up = await travel(page, { by: -400, to: 0 });
  assertRead(up, range(0, COUNT - 1), 'up');
  // Neither grows with what was scrolled past: as many as five windows hold, and little else.
  const least = Math.min(down.elements, up.elements);
  assert.ok(Math.max(down.elements, up.elements) < least * 1.2, `${down.elements} elements down, ${up.elements} up`);
  assert.ok(least < 40 * KEPT * WINDOW, `${least} elements`);
});

d.test('from the middle in both directions, in leaps of almost a page', { timeout: 240_000 }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  const middle = COUNT / 2;
  await open(page, `?at=${story.ids[middle]}#m-${story.ids[middle]}`);
  const up = await travel(page, { by: -800, to: middle - 800 });
  assertRead(up, range(middle - 800, middle), 'up from the middle');
  const down = await travel(page, { by: 800, to: middle + 800 });
  assertRead(down, range(middle - 800, middle + 800), 'down again');
});

d.test('a message that has the keyboard does not hold the page together', { timeout: 120_000 }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await open(page, `?at=${story.ids[200]}#m-${story.ids[200]}`);
  // An address gives its message the keyboard; the reader goes on by the wheel.
  assert.equal(await page.evaluate(() => document.activeElement?.id), `m-${story.ids[200]}`);
  const down = await travel(page, { by: 800, to: 1400 });
  assert.equal(down.stuck, null);
  assert.deepEqual(down.broken, []);
  assert.ok(down.messages <= KEPT * WINDOW, `${down.messages} messages at once`);
  // The keyboard goes on from what is read, and not from the head of the page.
  await page.keyboard.press('j');
  const at = await page.evaluate(() => /message (\d+)\./.exec(document.activeElement?.closest('article')?.textContent)?.[1]);
  assert.ok(Number(at) > 1300, `the keyboard is at ${at}`);
});

d.test('small windows fill the page, come to rest, and the address is that of what is read', { timeout: 120_000 }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  const middle = COUNT / 2;
  await open(page, `?size=5&at=${story.ids[middle]}#m-${story.ids[middle]}`);
  const state = () => page.evaluate(() => {
    const number = (one) => Number(/message (\d+)\./.exec(one.textContent)?.[1] ?? -1);
    const all = [...document.querySelectorAll('#windows article[id]')];
    // The first whose beginning is in view, as the address has it.
    const read = all.find((one) => one.getBoundingClientRect().top >= 0);
    const below = document.getElementById('windows').getBoundingClientRect().bottom - innerHeight;
    return { first: number(all[0]), last: number(all.at(-1)), count: all.length, read: read?.id, hash: location.hash, below };
  });
  const filled = async () => (await state()).below >= 2000;
  // Five messages leave room for others, which come though nobody can scroll yet.
  await until('neighbours to fill the page', filled);
  // One turn of the wheel is all that is done.
  const before = (await state()).read;
  await page.mouse.wheel(0, 1500);
  await until('the address to follow', async () => {
    const { read, hash } = await state();
    return read !== before && hash === `#${read}`;
  });
  await until('neighbours to fill what is near', filled);
  const rest = await state();
  assert.equal(rest.last - rest.first + 1, rest.count, 'nothing is left out or doubled');
  // Nobody scrolls: what is there stays, and no more comes.
  await page.evaluate(() => new Promise((done) => {
    let frames = 0;
    const count = () => (++frames > 60 ? done() : requestAnimationFrame(count));
    count();
  }));
  assert.deepEqual(await state(), rest);
  await page.reload();
  await page.locator(`#${rest.read}`).waitFor();
});
