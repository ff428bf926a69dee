// A card that fails later: everything goes on for seven days, the pages and a direct message say so, and a payment within
// them makes it as if nothing had been. Without one the server has the plan of every server, nothing is deleted, and a
// new subscription brings the plan back. And a bank that wants to be asked about the payment for a higher plan: it comes
// when the payment was confirmed, and not before. With JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import {
  ASKS, DAY, FAILS_LATER, GOOD, HELD, HOUR,
  later, owner, portal, shows, subscribe, subscription, text, typeCard,
} from '../lib/payments.mjs';
import { until } from '../lib/processes.mjs';

const d = desk('subscriptions-payment', { payments: true });

/** Subscribes with a card that fails when the trial is over, and lets that come; gives the page, signed in again. */
async function failed(given, who, plan) {
  const { page, signIn } = given;
  await signIn(page, who.name);
  await shows(page, plan, /This server Plan Free/);
  await subscribe(page, plan, 'Subscribe to Plus, monthly', FAILS_LATER);
  await shows(page, plan, /This server Plan Plus Source Trial/);
  return later(given, who.name, 15 * DAY);
}

/** Has somebody pay for Plus, with a card whose bank wants to be asked about each payment; gives the page. */
async function onPlus(given, who, plan) {
  const { signIn } = given;
  await signIn(given.page, who.name);
  await shows(given.page, plan, /This server Plan Free/);
  await subscribe(given.page, plan, 'Subscribe to Plus, monthly');
  await shows(given.page, plan, /This server Plan Plus Source Trial/);
  const page = await later(given, who.name, 15 * DAY);
  await shows(page, plan, /Subscription Plan Plus monthly Payment Paid Renews \d/);
  await portal(page, plan);
  await page.getByText('Change the card', { exact: true }).click();
  await typeCard(page, ASKS);
  await page.getByText('•••• 3184').waitFor();
  return page;
}

/** Asks for Pro, as far as the provider's page on which it is paid. Gives the amount that was agreed to. */
async function askForPro(page, plan) {
  await page.goto(plan);
  await page.getByRole('link', { name: 'Change to Pro, monthly' }).click();
  await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
  const [, due] = /To be paid now (€\d+\.\d\d) /.exec(await text(page));
  await page.getByRole('button', { name: 'Change to Pro', exact: true }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/invoices/'));
  assert.ok((await text(page)).includes(`Amount due ${due}`), 'what was agreed to is what is charged');
  return due;
}

/** Pays on the provider's page with the card that is kept, and answers the bank. */
async function answer(page, due, button) {
  await page.getByRole('button', { name: `Pay ${due}`, exact: true }).click();
  await page.getByText(`The sandbox's bank asks whether to pay ${due}.`).waitFor();
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** The invoices of whoever has a subscription, newest first. */
async function invoicesOf(discord, { customer }) {
  const { invoices } = await discord.get('/control/stripe');
  return invoices.filter((one) => one.customer === customer);
}

/** Waits until the first page of a server says something of payments no more. */
async function quiet(page, home, pattern) {
  await until(`${home} to say nothing of ${pattern}`, async () => {
    const answer = await page.goto(home);
    return answer.status() === 200 && !pattern.test(await text(page));
  });
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const tag = javaScriptEnabled ? 'js' : 'plain';
  const options = { context: { javaScriptEnabled }, timeout: 300_000 };

  d.test(`paid within seven days it is as if nothing had been, ${how}`, options, async (given) => {
    const { discord } = given;
    const lena = await owner(discord, `lena_${tag}`, ['Late Light']);
    const home = `/servers/${lena.servers[0]}`;
    const plan = `${home}/subscription`;
    let page = await failed(given, lena, plan);
    const said = await shows(page, plan, /Subscription The last payment failed .* This server Plan Plus Source Subscription/);
    assert.match(
      said,
      /The card did not pay\. Everything keeps working until \d.*\. Change the card, or pay the open invoice, with “Card, invoices, cancel”\. Plan Plus monthly Payment Failed/,
    );
    // Charged an hour after the trial, and seven days from then on.
    const end = (await subscription(discord, lena)).trial_end * 1000 + HOUR + 7 * DAY;
    const told = page.locator('.alert').filter({ hasText: 'The last payment failed' }).locator('time');
    assert.equal(Date.parse(await told.getAttribute('datetime')), end);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-failed-${tag}`);
    // What is outstanding is paid before the plan is changed.
    assert.equal(await page.getByRole('link', { name: 'Change to Pro, monthly' }).count(), 0);
    await page.goto(`${plan}/change?plan=pro&interval=month`);
    assert.equal(new URL(page.url()).pathname, plan);
    await page.getByText('The subscription cannot be changed as it is.').waitFor();
    // The holder is told, on the server's first page, on that of the licences, and by direct message.
    await shows(page, home, /A payment failed The card did not pay for the subscription\./);
    await shows(page, HELD, /A payment failed Plus stays until \d/);
    const found = await discord.wait('message', { person: lena.id, text: 'A payment failed', timeout_ms: 30_000 });
    const dm = JSON.stringify(found);
    assert.ok(dm.includes(`The plan stays until <t:${end / 1000}:D>.`), dm);
    assert.ok(dm.includes(HELD), dm);

    await portal(page, plan);
    await page.getByText('Change the card', { exact: true }).click();
    await typeCard(page, GOOD);
    await page.getByText('•••• 4242').waitFor();
    await page.getByRole('button', { name: 'Pay now', exact: true }).click();
    await page.getByText(/^Renews on /).waitFor();
    await shows(page, plan, /^(?!.*payment failed).*Subscription Plan Plus monthly Payment Paid Renews \d.* This server Plan Plus Source Subscription/);
    await quiet(page, home, /payment failed/);
    // Past the seven days as well.
    page = await later({ ...given, page }, lena.name, 8 * DAY);
    const after = await shows(page, plan, /This server Plan Plus Source Subscription/);
    assert.match(after, /Subscription Plan Plus monthly Payment Paid Renews \d/);
  });

  d.test(`never paid it ends, and a new subscription brings the plan back, ${how}`, options, async (given) => {
    const { discord } = given;
    const nils = await owner(discord, `nils_${tag}`, ['No Oil']);
    const home = `/servers/${nils.servers[0]}`;
    const plan = `${home}/subscription`;
    let page = await failed(given, nils, plan);
    await shows(page, plan, /Subscription The last payment failed .* This server Plan Plus Source Subscription/);
    page = await later({ ...given, page }, nils.name, 8 * DAY);
    const over = await shows(page, plan, /This server Plan Free Source The plan of every server/);
    assert.equal((await subscription(discord, nils)).status, 'canceled');
    assert.match(over, /Nothing was deleted\. What is switched off comes back with a new subscription\. Plan Plus monthly Payment Not paid/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-unpaid-${tag}`);
    await shows(page, home, /The plan was not paid for .* Nothing was deleted\./);
    const found = await discord.wait('message', { person: nils.id, text: 'The plan was not paid for', timeout_ms: 30_000 });
    assert.ok(JSON.stringify(found).includes('/account/licences'));

    // The one trial was had: it is paid for at once.
    assert.doesNotMatch(over, /days free/);
    await subscribe(page, plan, 'Subscribe to Plus, monthly');
    const back = await shows(page, plan, /This server Plan Plus Source Subscription/);
    assert.match(back, /Subscription Plan Plus monthly Payment Paid Renews \d/);
    await quiet(page, home, /not paid for/);
  });

  d.test(`a higher plan comes when the bank has confirmed its payment, ${how}`, options, async (given) => {
    const { discord } = given;
    const vera = await owner(discord, `vera_${tag}`, ['Vault Quay']);
    const plan = `/servers/${vera.servers[0]}/subscription`;
    const page = await onPlus(given, vera, plan);
    const due = await askForPro(page, plan);
    // Back without an answer: it says what waits and until when, and the plan is what it was.
    const waits = await shows(page, plan, /Subscription A change waits for your bank/);
    assert.match(
      waits,
      /The change to Pro, monthly is paid and confirmed on the payment provider's page\. It waits until \d.*\. The plan stays as it is, and nothing is charged, until the provider says that it was paid\. .*Plan Plus monthly Payment Paid .* This server Plan Plus Source Subscription/,
    );
    const told = page.locator('.alert').filter({ hasText: 'A change waits' }).locator('time');
    const { pending_update: pending } = await subscription(discord, vera);
    assert.equal(Date.parse(await told.getAttribute('datetime')), pending.expires_at * 1000);
    assert.equal(await page.getByRole('link', { name: /^Change/ }).count(), 0, 'one change at a time');
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-waits-${tag}`);
    await page.goto(`${plan}/change?plan=plus&interval=year`);
    await page.getByText('A change waits for your bank already.').waitFor();
    assert.equal(new URL(page.url()).pathname, plan);

    await page.getByRole('button', { name: 'Go on to the payment page', exact: true }).click();
    await page.waitForURL((at) => at.pathname.startsWith('/stripe/invoices/'));
    await answer(page, due, 'Complete');
    await page.getByText(/, paid$/).waitFor();
    const pro = await shows(page, plan, /This server Plan Pro Source Subscription/);
    assert.match(pro, /Subscription Plan Pro monthly Payment Paid Renews \d.* Seats taken: 1 of 3/);
    assert.doesNotMatch(pro, /waits for your bank/);
    const [invoice] = await invoicesOf(discord, await subscription(discord, vera));
    assert.equal(`€${(invoice.amount_paid / 100).toFixed(2)}`, due);
    assert.equal((await post(page, `${plan}/change/drop`, {})).search, '?problem=payment_none_waits');
    await shows(page, plan, /This server Plan Pro Source Subscription/);
  });

  d.test(`refused by the bank the plan stays and nothing is owed, ${how}`, options, async (given) => {
    const { discord } = given;
    const rolf = await owner(discord, `rolf_${tag}`, ['Reef Post']);
    const plan = `/servers/${rolf.servers[0]}/subscription`;
    const page = await onPlus(given, rolf, plan);
    const due = await askForPro(page, plan);
    await answer(page, due, 'Fail');
    await page.getByRole('alert').filter({ hasText: 'unable to authenticate' }).waitFor();
    const waits = await shows(page, plan, /Subscription A change waits for your bank/);
    assert.match(waits, /Plan Plus monthly Payment Paid .* This server Plan Plus Source Subscription/);
    await page.getByRole('button', { name: 'Leave the plan as it is', exact: true }).click();
    await page.getByText('The change was dropped.').waitFor();
    await shows(page, plan, /Subscription Plan Plus monthly Payment Paid Renews \d.* This server Plan Plus Source Subscription/);
    assert.equal(await page.getByRole('link', { name: 'Change to Pro, monthly' }).count(), 1);
    const now = await subscription(discord, rolf);
    assert.deepEqual([now.status, now.pending_update], ['active', null]);
    const [dropped, ...others] = await invoicesOf(discord, now);
    assert.equal(dropped.status, 'void');
    assert.ok(others.every((one) => one.status === 'paid'), 'nothing is owed');
    assert.equal((await post(page, `${plan}/change/confirm`, {})).search, '?problem=payment_none_waits');
  });

  d.test(`a change that nobody confirms is given up, ${how}`, options, async (given) => {
    const { discord } = given;
    const ida = await owner(discord, `ida_${tag}`, ['Idle Bay']);
    const plan = `/servers/${ida.servers[0]}/subscription`;
    let page = await onPlus(given, ida, plan);
    await askForPro(page, plan);
    await shows(page, plan, /A change waits for your bank/);
    page = await later({ ...given, page }, ida.name, DAY);
    const after = await shows(page, plan, /Subscription Plan Plus monthly Payment Paid Renews \d/);
    assert.match(after, /This server Plan Plus Source Subscription/);
    assert.doesNotMatch(after, /waits for your bank/);
    const now = await subscription(discord, ida);
    assert.deepEqual([now.status, now.pending_update], ['active', null]);
    const [dropped] = await invoicesOf(discord, now);
    assert.equal(dropped.status, 'void');
    await discord.wait('stripe_event', { event: 'customer.subscription.pending_update_expired', object: now.id });
    assert.equal(await page.getByRole('link', { name: 'Change to Pro, monthly' }).count(), 1);
  });
}
