// What a browser with an empty cache fetches to show a page, by kind: bytes of bodies as they travel.
//
// Needs WARDESK_STAGE (the folder of the programs), WARDESK_SITE and WARDESK_CHROMIUM; `bench/run bytes` sets
// them. Chromium asks for what it really needs: nothing is guessed from the page's source.
import { launch } from '../end2end/lib/browser.mjs';
import { Discord } from '../end2end/lib/discord.mjs';
import { Installation, until } from '../end2end/lib/processes.mjs';

const GUILD = '400000000000000001';
const HOME = `/servers/${GUILD}`;
const LIMITS = { 'sign-in': 20, transcript: 20, overview: 150, tickets: 150, ticket: 150, panel: 150, settings: 150, servers: 150 };

const installation = new Installation('bench-bytes');
await installation.start();
const browser = await launch();
try {
  const discord = new Discord(installation.sandboxUrl);
  const owner = await signedIn('olivia');
  const { ticket, panel } = await work(discord, owner);
  const opener = await signedIn('mia');
  const pages = [
    ['sign-in', '/', undefined],
    ['servers', '/servers', owner],
    ['overview', HOME, owner],
    ['tickets', `${HOME}/tickets`, owner],
    ['panel', panel, owner],
    ['settings', `${HOME}/settings`, owner],
    ['transcript', `/transcripts/${ticket}`, opener],
  ];
  const widths = [12, 8, 8, 8, 8, 8, 8, 8];
  const line = (cells) => console.log(cells.map((cell, i) => String(cell).padStart(widths[i])).join(' '));
  line(['page', 'HTML', 'CSS', 'JS', 'WASM', 'code', 'KiB', 'aim KiB']);
  let missed = 0;
  for (const [name, path, state] of pages) {
    const bytes = await measure(path, state);
    const code = bytes.html + bytes.css + bytes.js + bytes.wasm;
    if (code > LIMITS[name] * 1024) missed += 1;
    line([name, bytes.html, bytes.css, bytes.js, bytes.wasm, code, (code / 1024).toFixed(1), LIMITS[name]]);
    if (bytes.plain.length > 0) console.log(`  not compressed: ${bytes.plain.join(', ')}`);
  }
  console.log(missed === 0 ? 'every page is within its aim' : `${missed} pages are past their aim`);
} finally {
  await browser.close();
  await installation.stop();
}

/** The cookies of someone who signed in as a person would. */
async function signedIn(who) {
  const context = await browser.newContext({ baseURL: installation.url });
  const person = await new Discord(installation.sandboxUrl).person(who);
  await context.addCookies([{ name: 'sandbox_person', value: person.id, domain: '127.0.0.1', path: '/', sameSite: 'Lax' }]);
  const page = await context.newPage();
  await page.goto('/');
  await page.locator('form[action="/auth/login"] button').first().click();
  await page.getByRole('button', { name: 'Authorize', exact: true }).click();
  await page.locator('form[action="/auth/logout"]').first().waitFor({ state: 'attached' });
  const state = await context.storageState();
  await context.close();
  return state;
}

/** A server set up, one ticket open, one closed with a hundred messages. */
async function work(discord, owner) {
  const context = await browser.newContext({ baseURL: installation.url, storageState: owner });
  const page = await context.newPage();
  await page.goto(`${HOME}/settings`);
  await page.getByLabel('Support', { exact: true }).check();
  await page.locator('[name=ticket_category]').selectOption({ label: 'Tickets' });
  await save(page, 'settings-form');
  await page.goto(`${HOME}/panels`);
  await page.locator('main form[action$="/panels"] button').click();
  await page.waitForURL(/\/panels\/[0-9a-f-]{36}/);
  const panel = new URL(page.url()).pathname;
  for (const [name, text] of Object.entries({ panel_name: 'Help', panel_title: 'Need a hand?', panel_button_label: 'Open' })) {
    await page.locator(`[name=${name}]`).first().fill(text);
  }
  await page.locator('[name=panel_channel]').selectOption({ label: 'welcome' });
  await save(page, 'panel-form');
  await page.locator('form[action$="/publish"] button:enabled').click();
  const found = await discord.wait('message', { guild: GUILD, channel: 'welcome', author: '900000000000000001' });
  const message = found.message ?? found;
  const button = message.components.flatMap((row) => row.components)[0];
  const channels = [];
  for (const name of ['mia', 'noah']) {
    await (await discord.person(name)).press(message, button.custom_id);
    const made = await discord.wait('channel', { guild: GUILD, channel: `ticket-000${channels.length + 1}` });
    channels.push((made.channel ?? made).id);
  }
  const mia = await discord.person('mia');
  const sam = await discord.person('sam');
  const welcome = await discord.wait('message', { channel: channels[0], author: '900000000000000001' });
  const close = (welcome.message ?? welcome).components.flatMap((row) => row.components).find((c) => c.custom_id?.startsWith('wd:close:'));
  for (let i = 0; i < 50; i += 1) {
    await mia.send(channels[0], `It **still** does not work, and I have tried ${i} things by now. What is next?`);
    await sam.send(channels[0], `Please try number ${i + 1} of the list: \`restart\`, then tell me what it says.`);
  }
  await sam.run(channels[0], 'ticket close', { reason: 'Solved' });
  await discord.wait('no_channel', { channel: channels[0], timeout_ms: 30_000 });
  await context.close();
  return { ticket: close.custom_id.split(':')[2], panel };
}

async function save(page, form) {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.locator(`#${form}`).evaluate((element) => element.requestSubmit());
  if ((await answered).status() >= 400) throw new Error(`${form} was refused`);
  await page.waitForLoadState('networkidle');
}

/** Fetches a page with nothing cached, and everything that it asks for. */
async function measure(path, storageState) {
  const context = await browser.newContext({ baseURL: installation.url, storageState });
  const page = await context.newPage();
  const finished = [];
  page.on('requestfinished', (request) => finished.push(request));
  await until(`${path} to answer 200`, async () => {
    finished.length = 0;
    const answer = await page.goto(path, { waitUntil: 'networkidle' });
    return answer.status() === 200;
  });
  const bytes = { html: 0, css: 0, js: 0, wasm: 0, other: 0, plain: [] };
  for (const request of finished) {
    const response = await request.response();
    const { responseBodySize } = await request.sizes();
    const type = response.headers()['content-type'] ?? '';
    const kind = ['html', 'css', 'wasm'].find((word) => type.includes(word)) ?? (type.includes('javascript') ? 'js' : 'other');
    bytes[kind] += responseBodySize;
    if (kind !== 'other' && !response.headers()['content-encoding']) bytes.plain.push(new URL(request.url()).pathname);
  }
  await context.close();
  return bytes;
}
