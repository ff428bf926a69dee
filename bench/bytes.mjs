// What a browser with an empty cache fetches to show a page, by kind: bytes of bodies as they travel.
//
// Needs WARDESK_STAGE (the folder of the programs), WARDESK_SITE and WARDESK_CHROMIUM; `bench/run bytes` sets
// them. Chromium asks for what it really needs: nothing is guessed from the page's source.
import { launch } from '../end2end/lib/browser.mjs';
import { Discord } from '../end2end/lib/discord.mjs';
import { Installation, until } from '../end2end/lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../end2end/lib/seed.mjs';

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
  // Addresses are as from this page.
  await page.goto(HOME);
  await configure(page);
  const panel = await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?', panel_button_label: 'Open' });
  const message = await publish(page, panel, discord, 'Need a hand?');
  const [mia, noah, sam] = await Promise.all(['mia', 'noah', 'sam'].map((name) => discord.person(name)));
  const { id, channel } = await openTicket(discord, mia, message);
  await openTicket(discord, noah, message);
  for (let i = 0; i < 50; i += 1) {
    await mia.send(channel, `It **still** does not work, and I have tried ${i} things by now. What is next?`);
    await sam.send(channel, `Please try number ${i + 1} of the list: \`restart\`, then tell me what it says.`);
  }
  await sam.run(channel, 'ticket close', { reason: 'Solved' });
  await discord.wait('no_channel', { channel, timeout_ms: 30_000 });
  await context.close();
  return { ticket: id, panel };
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
