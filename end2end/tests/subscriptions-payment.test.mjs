// A card that fails later: everything goes on for seven days, the pages and a direct message say so, and a payment within
// them makes it as if nothing had been. Without one the server has the plan of every server, nothing is deleted, and a
// new subscription brings the plan back. With JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { DAY, FAILS_LATER, GOOD, HELD, HOUR, later, owner, portal, shows, subscribe, subscription, text, typeCard } from '../lib/payments.mjs';
import { until } from '../lib/processes.mjs';

const d = desk('subscriptions-payment', { payments: true });

/** Subscribes with a card that fails when the trial is over, and lets that come; gives the page, signed in again. */
async function failed(given, who, plan) {
  const { page, signIn } = given;
  await signIn(page, who.name);
  await shows(page, plan, /This server Plan Free/);
  await subscribe(page, plan, 'Subscribe to Plus, monthly', FAILS_LATER);
  await shows(page, plan, /This server Plan Plus By Trial/);
  return later(given, who.name, 15 * DAY);
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
    const said = await shows(page, plan, /Subscription The last payment failed .* This server Plan Plus By Subscription/);
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
    assert.ok(dm.includes(plan), dm);

    await portal(page, plan);
    await page.getByText('Change the card', { exact: true }).click();
    await typeCard(page, GOOD);
    await page.getByText('•••• 4242').waitFor();
    await page.getByRole('button', { name: 'Pay now', exact: true }).click();
    await page.getByText(/^Renews on /).waitFor();
    await shows(page, plan, /^(?!.*payment failed).*Subscription Plan Plus monthly Payment Paid Renews \d.* This server Plan Plus By Subscription/);
    await quiet(page, home, /payment failed/);
    // Past the seven days as well.
    page = await later({ ...given, page }, lena.name, 8 * DAY);
    const after = await shows(page, plan, /This server Plan Plus By Subscription/);
    assert.match(after, /Subscription Plan Plus monthly Payment Paid Renews \d/);
  });

  d.test(`never paid it ends, and a new subscription brings the plan back, ${how}`, options, async (given) => {
    const { discord } = given;
    const nils = await owner(discord, `nils_${tag}`, ['No Oil']);
    const home = `/servers/${nils.servers[0]}`;
    const plan = `${home}/subscription`;
    let page = await failed(given, nils, plan);
    await shows(page, plan, /Subscription The last payment failed .* This server Plan Plus By Subscription/);
    page = await later({ ...given, page }, nils.name, 8 * DAY);
    const over = await shows(page, plan, /This server Plan Free By The plan of every server/);
    assert.equal((await subscription(discord, nils)).status, 'canceled');
    assert.match(over, /Nothing was deleted\. What is switched off comes back with a new subscription\. Plan Plus monthly Payment Not paid/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-unpaid-${tag}`);
    await shows(page, home, /The plan was not paid for .* Nothing was deleted\./);
    const found = await discord.wait('message', { person: nils.id, text: 'The plan was not paid for', timeout_ms: 30_000 });
    assert.ok(JSON.stringify(found).includes(plan));

    // The one trial was had: it is paid for at once.
    assert.doesNotMatch(over, /days free/);
    await subscribe(page, plan, 'Subscribe to Plus, monthly');
    const back = await shows(page, plan, /This server Plan Plus By Subscription/);
    assert.match(back, /Subscription Plan Plus monthly Payment Paid Renews \d/);
    await quiet(page, home, /not paid for/);
  });
}
