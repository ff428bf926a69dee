// Scrolls through a long transcript in Chromium as a wheel does, down and up, and prints how even the pictures came,
// how much was on the page, and how much memory it took. `bench scroll` fills the transcript and starts this.
import { launch, newContext } from '../end2end/lib/browser.mjs';
import { until } from '../end2end/lib/processes.mjs';

const given = (name) => {
  const value = process.env[`BENCH_${name}`];
  if (value === undefined) throw new Error(`BENCH_${name} is missing: start this with bench/run scroll`);
  return value;
};
const [url, path] = [given('URL'), given('PATH')];
const [messages, travel] = [Number(given('MESSAGES')), Number(given('TRAVEL'))];
const apart = BigInt(given('APART_MS')) << 22n;
const first = BigInt(given('FIRST'));
const idOf = (number) => String(first + apart * BigInt(number));

/** Pixels a second: a wheel turned without pause, some 60 notches. */
const SPEED = 6000;
/** Pixels of one turn. */
const TURN = 30_000;
/** A picture that comes later than this is a stutter that people see; also what browsers call a long task. */
const LATE_MS = 50;
/** The most that may be on the page: five windows of a hundred messages, each of at most as many elements. */
const MOST_MESSAGES = 500;
const MOST_ELEMENTS = 40 * MOST_MESSAGES;

const browser = await launch();
const failures = [];
try {
  const context = await newContext(browser, { baseURL: url });
  const [name, value] = given('COOKIE').split(/=(.*)/s);
  await context.addCookies([{ name, value, url, secure: true, httpOnly: true, sameSite: 'Strict' }]);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  const middle = Math.floor(messages / 2);
  await leg(page, cdp, 'standing still', '', 0, 0);
  await leg(page, cdp, 'down from the first', '', 1, travel);
  await leg(page, cdp, 'and back up', null, -1, travel);
  await leg(page, cdp, 'up from the middle', `?at=${idOf(middle)}#m-${idOf(middle)}`, -1, travel);
  await leg(page, cdp, 'and back down', null, 1, travel);
  await leg(page, cdp, 'up from the last', '?go=last', -1, travel);
  context.watch.assertClean();
} finally {
  await browser.close();
}
for (const failure of failures) console.error(`missed: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);

/** One way through the transcript: opens `query` (`null` goes on where the last ended) and scrolls past so many messages. */
async function leg(page, cdp, name, query, direction, count) {
  if (query !== null) {
    await page.goto(path + query);
    await page.mouse.move(400, 400);
    await page.mouse.move(410, 410);
    await until('the program to run', async () => (await page.locator('#zone option', { hasText: 'As on this device' }).count()) === 1);
    if (query.startsWith('?go')) await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  }
  await page.evaluate(observe);
  const from = await place(page);
  const most = { elements: 0, messages: 0, heap: 0, nodes: 0 };
  const look = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const metric = (key) => metrics.find((one) => one.name === key).value;
    const there = await page.evaluate(() => [document.querySelectorAll('*').length, document.querySelectorAll('#windows article[id]').length]);
    most.elements = Math.max(most.elements, there[0]);
    most.messages = Math.max(most.messages, there[1]);
    most.heap = Math.max(most.heap, metric('JSHeapUsedSize'));
    most.nodes = Math.max(most.nodes, metric('Nodes'));
  };
  if (direction === 0) await page.waitForTimeout(5000);
  for (let same = 0, at = from; direction !== 0 && Math.abs(at - from) < count; ) {
    await cdp.send('Input.synthesizeScrollGesture', {
      x: 600, y: 450, yDistance: -direction * TURN, speed: SPEED, gestureSourceType: 'mouse', preventFling: true,
    });
    await look();
    const now = await place(page);
    same = now === at ? same + 1 : 0;
    at = now;
    if (same > 3) {
      failures.push(`${name}: it stopped at message ${at}`);
      break;
    }
  }
  const seen = await page.evaluate(() => globalThis.__observed());
  const past = Math.abs((await place(page)) - from);
  await look();
  // What is left when all that can go is gone.
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const left = (key) => metrics.find((one) => one.name === key).value;
  const ids = await page.locator('#windows article[id]').evaluateAll((all) => all.map((one) => one.id.slice(2)));
  const wrong = ids.findIndex((id, at) => at > 0 && BigInt(id) - BigInt(ids[at - 1]) !== apart);
  if (wrong > 0) failures.push(`${name}: ${ids[wrong - 1]} is followed by ${ids[wrong]}`);
  if (most.messages > MOST_MESSAGES) failures.push(`${name}: ${most.messages} messages on the page`);
  if (most.elements > MOST_ELEMENTS) failures.push(`${name}: ${most.elements} elements on the page`);
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const ms = (one) => `${one.toFixed(0)} ms`;
  console.log(`${name}: ${past} messages, ${(seen.ms / 1000).toFixed(1)} s, ${seen.windows} windows came`);
  console.log(`  pictures    ${seen.frames} · p50 ${ms(seen.p50)} · p99 ${ms(seen.p99)} · longest ${ms(seen.longest)} · ${seen.late} later than ${LATE_MS} ms`);
  console.log(`  long tasks  ${seen.tasks.length} · longest ${ms(Math.max(0, ...seen.tasks))} · together ${ms(seen.tasks.reduce((a, b) => a + b, 0))}`);
  console.log(`  waiting     ${seen.waiting} pictures at the end of what was there`);
  console.log(`  on the page ${most.messages} messages, ${most.elements} elements at most`);
  console.log(`  memory      ${mib(most.heap)} of JavaScript at most, ${mib(left('JSHeapUsedSize'))} and ${left('Nodes')} nodes after collection`);
}

/** The number of the message at the upper edge. */
async function place(page) {
  const id = await page.evaluate(() => {
    const all = [...document.querySelectorAll('#windows article[id]')];
    return (all.find((one) => one.getBoundingClientRect().bottom > 0) ?? all.at(-1)).id.slice(2);
  });
  return Number((BigInt(id) - first) / apart);
}

/** Runs in the page: notes how far pictures are apart, long tasks, windows that come, and waiting for them. */
function observe() {
  const root = document.getElementById('windows');
  const began = performance.now();
  const apart = [];
  const tasks = [];
  let [windows, waiting, last, running] = [0, 0, null, true];
  const long = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)));
  long.observe({ type: 'longtask' });
  const come = new MutationObserver((all) => {
    for (const one of all) windows += one.addedNodes.length;
  });
  come.observe(root, { childList: true });
  const frame = (at) => {
    if (!running) return;
    if (last !== null) apart.push(at - last);
    last = at;
    const all = root.getBoundingClientRect();
    const [earlier, later] = [root.firstElementChild.dataset.earlier, root.lastElementChild.dataset.later];
    if ((earlier && all.top > 0 && scrollY === 0) || (later && all.bottom < innerHeight)) waiting += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.__observed = () => {
    running = false;
    long.disconnect();
    come.disconnect();
    const sorted = [...apart].sort((a, b) => a - b);
    const rank = (percent) => sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
    return {
      ms: performance.now() - began,
      frames: apart.length,
      p50: rank(50),
      p99: rank(99),
      longest: rank(100),
      late: apart.filter((one) => one > 50).length,
      tasks,
      windows,
      waiting,
    };
  };
}
