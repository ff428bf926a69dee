// Reading a long transcript: windows in both directions, the ways to other places, one person's messages, zones,
// pictures, keys; with JavaScript and without.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const d = desk('reading');
const COUNT = 150;
const story = { ids: [] };
const PLAIN = { context: { javaScriptEnabled: false } };

d.test('a long ticket', { timeout: 300_000 }, async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page, { time_zone: 'Asia/Kolkata' });
  const panel = await publish(page, await makePanel(page, { panel_title: 'Help' }), discord, 'Help');
  const [mia, sam, noah] = await Promise.all(['mia', 'sam', 'noah'].map((name) => discord.person(name)));
  story.people = { mia, sam, noah };
  const ticket = await openTicket(discord, mia, panel);
  story.channel = ticket.channel;
  story.path = `/transcripts/${ticket.id}`;
  for (let n = 0; n < COUNT; n += 1) {
    // The opener writes the first third.
    const author = n < 50 && n % 2 === 0 ? mia : sam;
    const files = n === 20 || n === 22 ? [new File([lighthouse()], `pier-${n}.png`, { type: 'image/png' })] : [];
    const text = n % 10 === 3 ? `message ${n}\n> quoted\n\nand **more** lines of it`.repeat(1 + (n % 3)) : `message ${n}`;
    story.ids.push((await author.send(ticket.channel, text, files)).id);
  }
  await mia.send(ticket.channel, { content: 'in answer to the beginning', message_reference: { message_id: story.ids[4] } });
  story.other = await openTicket(discord, noah, panel);
  await until('all of it to be archived', async () => {
    await page.goto(`${story.path}?go=last`);
    const html = await page.content();
    await page.goto(`${story.path}?from=${story.ids[19]}&size=5`);
    return html.includes('in answer to the beginning') && !(await page.content()).includes('Still being copied');
  });
});

const shown = (page) => page.locator('#windows article[id]').evaluateAll((all) => all.map((one) => one.id.slice(2)));
const has = (page, n) => page.locator(`#m-${story.ids[n]}`);
const near = (page, n) => until(`message ${n} on the page`, async () => (await has(page, n).count()) === 1);
/** Waits until the browser has drawn the page that many times. */
const drawn = (page, times) =>
  page.evaluate((left) => new Promise((done) => {
    const next = () => (left-- > 0 ? requestAnimationFrame(next) : done());
    next();
  }), times);
/** Where something is within the window. */
const top = (locator) => locator.evaluate((one) => one.getBoundingClientRect().top);

d.test('windows lead to their neighbours, without JavaScript', PLAIN, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?size=20`);
  const seen = await shown(page);
  assert.equal(seen.length, 20);
  assert.equal(await page.getByRole('link', { name: 'Earlier messages' }).count(), 0);
  for (let more = true; more; ) {
    const later = page.getByRole('link', { name: 'Later messages' });
    more = (await later.count()) > 0;
    if (!more) break;
    await later.click();
    seen.push(...(await shown(page)));
  }
  assert.deepEqual(seen.slice(-COUNT - 1, -1), story.ids, 'every message, once and in order');
  const back = await shown(page);
  for (let more = true; more; ) {
    const earlier = page.getByRole('link', { name: 'Earlier messages' });
    more = (await earlier.count()) > 0;
    if (!more) break;
    await earlier.click();
    back.unshift(...(await shown(page)));
  }
  assert.deepEqual(back, seen, 'the same, backwards');
});

d.test('to the end, to a day, to a message, without JavaScript', PLAIN, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?size=20`);
  await page.getByRole('link', { name: 'Last message' }).click();
  await page.getByText('in answer to the beginning').waitFor();
  // A permalink: the message, with some that lead to it.
  await has(page, 140).locator('a.t-time').click();
  assert.match(page.url(), new RegExp(`[?&]at=${story.ids[140]}#m-${story.ids[140]}$`));
  assert.ok((await shown(page)).indexOf(story.ids[140]) > 2);
  assert.equal(await has(page, 140).evaluate((one) => one.matches(':target')), true);
  // The answer leads to what it answers, pages away.
  await page.goto(`${story.path}?go=last&size=20`);
  await page.locator('.t-reply a').click();
  await has(page, 4).waitFor();
  // A day.
  await page.locator('.reading-form summary').click();
  const today = await page.locator('#date').getAttribute('max');
  await page.locator('#date').fill(today);
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/date=/);
  assert.equal((await shown(page))[0], (await (async () => { await page.goto(story.path); return shown(page); })())[0]);
  await page.goto(`${story.path}?date=2090-01-01`);
  await page.getByText('No messages here.').waitFor();
  await page.getByRole('link', { name: 'Earlier messages' }).click();
  await page.getByText('in answer to the beginning').waitFor();
  // What is no place is no error.
  for (const query of ['at=x', 'from=-1', 'date=tomorrow', 'by=me', 'zone=Mars/Olympus', 'size=0', 'size=x', 'go=away']) {
    assert.equal((await page.goto(`${story.path}?${query}`)).status(), 200, query);
  }
});

d.test('one person, and another clock, and both while paging, without JavaScript', PLAIN, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?size=20`);
  await page.locator('.reading-form summary').click();
  await page.locator('select[name=by]').selectOption({ label: 'Mia' });
  await page.locator('select[name=zone]').selectOption('UTC');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('Only messages of Mia are shown.').waitFor();
  const mine = story.ids.filter((_, n) => n < 50 && n % 2 === 0);
  const found = await shown(page);
  const hour = async () => page.locator('.t-msg time').first().evaluate((one) => [one.textContent, one.getAttribute('datetime')]);
  const [words, exact] = await hour();
  assert.ok(words.includes(exact.slice(11, 16)), `${words} is ${exact} in UTC`);
  await page.getByRole('link', { name: 'Later messages' }).click();
  assert.deepEqual([...found, ...(await shown(page))].slice(0, mine.length), mine);
  assert.match(page.url(), /by=\d+&zone=UTC&size=20&from=/);
  await page.getByRole('link', { name: 'Show everyone’s messages' }).click();
  assert.ok((await shown(page)).includes(story.ids[41]));
  assert.match(page.url(), /zone=UTC/);
  await page.goto(`${story.path}?size=20`);
  const [server] = await hour();
  const [, of] = await hour();
  const kolkata = new Date(of).toLocaleTimeString('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' });
  assert.ok(server.includes(kolkata), `${server} is ${of} in Kolkata`);
});

d.test('the opener is led to what they have not read, and nobody else', PLAIN, async ({ page, newContext, signIn }) => {
  await signIn(page, 'mia');
  await page.goto(`${story.path}?size=20`);
  // Their own answer is the last of all.
  await page.getByText('Nothing new since').waitFor();
  await story.people.sam.send(story.channel, 'and then');
  const then = (await story.people.sam.send(story.channel, 'and after that')).id;
  await until('both to be archived', async () => {
    await page.goto(`${story.path}?size=20`);
    return (await page.getByRole('link', { name: 'First unread message' }).count()) === 1;
  });
  await page.getByText('Discord tells no bot').waitFor();
  await page.getByRole('link', { name: 'First unread message' }).click();
  assert.equal(await page.getByText('and then', { exact: true }).evaluate((one) => Boolean(one.closest(':target'))), true);
  await until('the last to be archived', async () => {
    await page.goto(`${story.path}?go=last`);
    return (await page.locator(`#m-${then}`).count()) === 1;
  });
  await page.goto(`${story.path}?size=20`);
  await page.getByText('Nothing new since').waitFor();
  const other = await (await newContext(PLAIN.context)).newPage();
  await signIn(other, 'sam');
  await other.goto(story.path);
  assert.equal(await other.getByText('unread').count(), 0);
  assert.equal(await other.getByText('Nothing new since').count(), 0);
});

/** Scrolls as a wheel does, until something holds. */
async function scroll(page, by, what, holds) {
  await page.mouse.move(400, 400);
  await until(what, async () => {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(30);
    return holds();
  }, { seconds: 90 });
}

/** Waits until the program of the page runs. */
async function alive(page) {
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 310);
  await until('the program to run', () => page.locator('#zone option', { hasText: 'As on this device' }).count().then((n) => n === 1));
}

d.test('it scrolls on in both directions, keeps few, and does not jump', { timeout: 240_000 }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  const program = [];
  page.on('request', (request) => /\.(js|wasm)$/.test(request.url()) && program.push(request.url()));
  await page.goto(`${story.path}?size=25`);
  await page.waitForLoadState('networkidle');
  // As a browser tells of a pointer that rests where the page appears.
  await page.evaluate(() => new Promise((seen) => {
    document.body.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, movementX: 0, movementY: 0 }));
    requestAnimationFrame(() => requestAnimationFrame(seen));
  }));
  assert.deepEqual(program, [], 'nothing is fetched for a page that is only looked at');
  await alive(page);
  assert.equal(program.filter((address) => address.endsWith('.wasm')).length, 1);
  await scroll(page, 400, 'the last message', () => page.getByText('in answer to the beginning').isVisible());
  const windows = page.locator('#windows > .window');
  // Five of a hundred messages; of small ones as many as are near.
  assert.ok((await windows.count()) <= 10);
  assert.equal(await has(page, 0).count(), 0, 'what is far is gone');
  const order = await shown(page);
  assert.deepEqual(order, [...order].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  assert.equal(new Set(order).size, order.length, 'no message twice');
  assert.equal(await page.locator('#windows .t-day:visible').count(), 1, 'a day is named once');
  // The address leads here.
  await page.waitForURL(/[?&]at=\d+#m-\d+$/);
  assert.match(page.url(), /size=25/);
  const place = page.url().split('#')[1];
  await page.reload();
  await page.locator(`#${place}`).waitFor();
  // Near the end of a page it cannot be at the upper edge.
  const again = await top(page.locator(`#${place}`));
  assert.ok(again >= 0 && again < 900, `${again} is in sight`);
  await alive(page);
  // Upwards: while windows come in above, what is read moves by what was scrolled, and no more.
  let jumps = 0;
  await scroll(page, -300, 'the first messages', async () => {
    const first = await page.evaluateHandle(() => [...document.querySelectorAll('#windows article[id]')].find((one) => one.getBoundingClientRect().top > 60));
    if (await first.evaluate((one) => Boolean(one))) {
      const [id, before] = await first.evaluate((one) => [one.id, one.getBoundingClientRect().top]);
      await drawn(page, 4);
      const after = await page.evaluate((it) => document.getElementById(it)?.getBoundingClientRect().top, id);
      if (after !== undefined && Math.abs(after - before) > 320) jumps += 1;
    }
    return (await has(page, 0).count()) === 1;
  });
  assert.equal(jumps, 0, 'what is read jumped');
});

d.test('the earlier messages come without moving the page', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?at=${story.ids[90]}&size=20#m-${story.ids[90]}`);
  await alive(page);
  assert.equal(await page.evaluate(() => document.activeElement?.id), `m-${story.ids[90]}`, 'the target has the focus');
  const before = await top(has(page, 90));
  const first = (await shown(page))[0];
  await page.locator('#earlier a').dispatchEvent('click', { button: 0 });
  await until('earlier messages', async () => (await shown(page))[0] !== first);
  await drawn(page, 30);
  assert.ok(Math.abs((await top(has(page, 90))) - before) <= 2, `moved from ${before} to ${await top(has(page, 90))}`);
});

d.test('keys go from message to message and are left to those who type', async ({ page, context, signIn }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?at=${story.ids[60]}&size=20#m-${story.ids[60]}`);
  await alive(page);
  const at = () => page.evaluate(() => document.activeElement?.id);
  await page.keyboard.press('j');
  assert.equal(await at(), `m-${story.ids[61]}`);
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  assert.equal(await at(), `m-${story.ids[59]}`);
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = `${new URL(page.url()).origin}${story.path}?at=${story.ids[59]}#m-${story.ids[59]}`;
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await assertAccessible(page);
  await page.keyboard.press('/');
  await page.keyboard.type('jk?c');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'jk?c');
  await page.getByRole('searchbox').blur();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Escape');
  await until('the keys to be gone', () => page.locator('#keys').isHidden());
  // With the pointer.
  await has(page, 62).hover();
  await has(page, 62).getByRole('button', { name: 'Copy link' }).click();
  await until('another link', async () => (await page.evaluate(() => navigator.clipboard.readText())).endsWith(`#m-${story.ids[62]}`));
});

d.test('pictures open over the page and are leafed through by keyboard', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?at=${story.ids[20]}&size=20#m-${story.ids[20]}`);
  await alive(page);
  const link = has(page, 20).locator('a.t-picture');
  await link.focus();
  await page.keyboard.press('Enter');
  const box = page.getByRole('dialog', { name: 'Picture' });
  await box.getByText('pier-20.png').waitFor();
  await until('the picture to be drawn', () => box.locator('img').evaluate((one) => one.complete && one.naturalWidth > 0));
  await assertAccessible(page);
  await shot(page, 'reading-lightbox');
  await page.keyboard.press('ArrowRight');
  await box.getByText('pier-22.png').waitFor();
  assert.equal(await box.locator('#lightbox-count').textContent(), '2 / 2');
  await page.keyboard.press('ArrowRight');
  assert.equal(await box.locator('#lightbox-count').textContent(), '2 / 2');
  await page.keyboard.press('Home');
  await box.getByText('pier-20.png').waitFor();
  await page.keyboard.press('End');
  await box.getByText('pier-22.png').waitFor();
  assert.equal(await box.getByRole('link', { name: 'Original' }).getAttribute('href'), await has(page, 22).locator('a.t-picture').getAttribute('href'));
  await page.keyboard.press('Escape');
  assert.equal(await box.isVisible(), false);
  assert.equal(await link.evaluate((one) => one === document.activeElement), true, 'the focus is given back');
});

d.test('without JavaScript a picture’s link leads to it', PLAIN, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?at=${story.ids[20]}`);
  // Chromium's own page around a picture has inline styles, which our policy refuses: the answer is looked at instead.
  const answer = await page.request.get(await has(page, 20).locator('a.t-picture').getAttribute('href'));
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()['content-type'], 'image/png');
});

d.test('times of this device', { context: { timezoneId: 'America/New_York' } }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${story.path}?size=20`);
  await alive(page);
  await page.locator('.reading-form summary').click();
  await page.locator('#zone').selectOption('America/New_York');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/zone=America/);
  const [words, exact] = await page.locator('.t-msg time').first().evaluate((one) => [one.textContent, one.getAttribute('datetime')]);
  const there = new Date(exact).toLocaleTimeString('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' });
  assert.ok(words.includes(there), `${words} is ${exact} there`);
});

d.test('what is written meanwhile appears, and so do edits', async ({ page, signIn, discord }) => {
  await signIn(page, 'sam');
  await page.goto(`/transcripts/${story.other.id}`);
  await alive(page);
  const { noah } = story.people;
  const sent = await noah.send(story.other.channel, 'written while it is read');
  await page.getByText('written while it is read').waitFor();
  await noah.edit(story.other.channel, sent.id, 'written and edited');
  await page.getByText('written and edited').first().waitFor();
  assert.ok(discord);
});

for (const [width, viewport] of [['phone', PHONE], ['wide', undefined]]) {
  for (const colorScheme of ['light', 'dark']) {
    d.test(`${width}, ${colorScheme}`, { context: { colorScheme, ...(viewport && { viewport }) } }, async ({ page, signIn }) => {
      await signIn(page, 'mia');
      await page.goto(`${story.path}?at=${story.ids[23]}&size=20#m-${story.ids[23]}`);
      await alive(page);
      await page.keyboard.press('j');
      await page.locator('.reading-form summary').click();
      await assertFitsWidth(page);
      await assertAccessible(page);
      await shot(page, `reading-${width}-${colorScheme}`);
    });
  }
}

d.test('on paper', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  await page.goto(`${story.path}?at=${story.ids[23]}&size=20`);
  await page.emulateMedia({ media: 'print' });
  for (const gone of ['.topbar', '.reading-tools', '.way .button', 'form[role=search]']) {
    assert.equal(await page.locator(gone).first().isVisible(), false, gone);
  }
  await has(page, 23).waitFor();
  // Paper has no way to the rest, so it says that there is one.
  for (const more of ['There are earlier messages', 'There are later messages']) {
    await page.getByText(more).waitFor();
  }
  await shot(page, 'reading-print');
});

d.test('a closed one reads the same', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  assert.match((await post(page, `${HOME}/tickets/${story.path.split('/').at(-1)}`, { action: 'close' })).search, /done=close/);
  await until('the transcript to be stored', async () => {
    await page.goto(`${story.path}?at=${story.ids[100]}&size=20`);
    return (await page.getByText('is open').count()) === 0;
  });
  await near(page, 100);
  assert.equal((await shown(page)).length, 20);
  await page.goto(`${story.path}?by=${story.people.mia.id}&size=200`);
  assert.equal((await shown(page)).length, 26);
});
