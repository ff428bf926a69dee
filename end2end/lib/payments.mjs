// Paying in the sandbox: people with servers of their own, the provider's pages, and time that passes
// (docs/SANDBOX.md, "Payments"). One server has one trial, ever, so each test has a server that no other has.
import assert from 'node:assert/strict';
import { until } from './processes.mjs';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const HELD = '/account/licences';

export const GOOD = '4242 4242 4242 4242';
export const DECLINED = '4000 0000 0000 0002';
export const SECURE = '4000 0025 0000 3155';
/** Asks for 3-D Secure with every payment, so that none goes through without its holder. */
export const ASKS = '4000 0027 6000 3184';
/** Can be kept for a trial, but does not pay. */
export const FAILS_LATER = '4000 0000 0000 0341';

/** All that the page says, on one line. */
export const text = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** Looks at a page of ours until it shows something, webhooks come when they come; gives all that it says then. */
export async function shows(page, path, pattern) {
  let said = '';
  await until(`${path} to show ${pattern}`, async () => {
    await page.goto(path);
    said = await text(page);
    return pattern.test(said);
  }, { seconds: 60 });
  return said;
}

/** Makes somebody who owns a server of each of these names, with the bot; gives `{ id, name, servers }`. */
export async function owner(discord, name, servers) {
  const { id } = await discord.post('/control/people', { username: name, global_name: name, guilds: [] });
  const made = [];
  for (const server of servers) {
    const guild = await discord.post('/control/guilds', { name: server, owner: id, bot_permissions: '8' });
    made.push(guild.id);
  }
  return { id, name, servers: made };
}

/** The newest subscription of a person, as the provider has it; `undefined` if there is none. */
export async function subscription(discord, person) {
  const { subscriptions } = await discord.get('/control/stripe');
  return subscriptions.find((one) => one.metadata.account === person.id);
}

/** From the page of the plan to the provider's, by the button of a price: "Subscribe to Plus, monthly". */
export async function checkout(page, plan, label) {
  await page.goto(plan);
  await page.getByRole('button', { name: label, exact: true }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/pay/'));
}

/** Types a card into the provider's form and sends it. */
export async function typeCard(page, card) {
  await page.locator('input[name=number]').fill(card);
  await page.locator('input[name=expiry]').fill('12 / 34');
  await page.locator('input[name=cvc]').fill('123');
  await page.locator('input[name=name]').fill('A. Holder');
  await page.locator('button.pay-submit').click();
}

/** Fills the provider's page and pays. The card that asks for 3-D Secure is confirmed. */
export async function pay(page, card) {
  await page.locator('input[name=email]').fill('holder@example.com');
  await typeCard(page, card);
  if (card === SECURE) await page.getByRole('button', { name: 'Complete', exact: true }).click();
}

/** Subscribes, until the page of the plan says thank you. What was bought comes by webhook. */
export async function subscribe(page, plan, label, card = GOOD) {
  await checkout(page, plan, label);
  await pay(page, card);
  await page.getByText('Thank you. The plan is there as soon as').waitFor();
  assert.equal(new URL(page.url()).pathname, plan);
}

/** To one's own page at the provider, from the page of a plan or of one's licences. */
export async function portal(page, path) {
  await page.goto(path);
  await page.getByRole('button', { name: 'Card, invoices, cancel', exact: true }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/portal/'));
}

/** Cancels on the provider's page, for the end of the period. */
export async function cancel(page, path) {
  await portal(page, path);
  await page.getByRole('button', { name: 'Cancel the plan', exact: true }).click();
  await page.getByText(/^Cancelled for /).waitFor();
}

/**
 * Lets time pass: a day at least, so that whoever was signed in is not any more (a session ends after a day without
 * use). That shows as well that the server follows the clock. Signs in again in a context of its own, as sessions
 * are there, and gives its page. `given` is what a test gets, with the page that is signed in now.
 */
export async function later(given, who, milliseconds) {
  assert.ok(milliseconds >= DAY, 'a session lives on for a day');
  const { page, newContext, signIn, discord } = given;
  await discord.post('/control/clock', { advance_ms: milliseconds });
  await until('the session to be over', async () => {
    await page.goto('/account');
    return new URL(page.url()).pathname === '/';
  });
  const next = await (await newContext()).newPage();
  await signIn(next, who);
  return next;
}

/** The moment in a row of a list of facts, in milliseconds. */
export async function moment(page, label) {
  const name = page.locator('dt').filter({ hasText: new RegExp(`^${label}$`) });
  const row = page.locator('.facts > div').filter({ has: name });
  return Date.parse(await row.locator('time').getAttribute('datetime'));
}
