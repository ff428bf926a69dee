// Subscriptions: from free to Plus to Pro and back, a card that is declined and one that pays, cancelling, seats, and
// what cannot be done as things stand, and a currency that was chosen. The sandbox's provider takes the money, and its clock is the server's. With
// JavaScript and without.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import {
  DAY, DECLINED, GOOD, HELD, HOUR, SECURE,
  cancel, checkout, later, moment, owner, pay, portal, shows, subscribe, subscription, text,
} from '../lib/payments.mjs';
import { until } from '../lib/processes.mjs';

const d = desk('subscriptions', { payments: true });

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const tag = javaScriptEnabled ? 'js' : 'plain';
  const options = { context: { javaScriptEnabled }, timeout: 300_000 };

  d.test(`free to Plus to Pro and back, and cancelled, ${how}`, options, async (given) => {
    const { signIn, discord } = given;
    let { page } = given;
    const paula = await owner(discord, `paula_${tag}`, ['Lamp Works']);
    const plan = `/servers/${paula.servers[0]}/subscription`;
    await signIn(page, paula.name);
    const free = await shows(page, plan, /This server Plan Free Source The plan of every server/);
    assert.match(free, /€4\.99/);
    assert.match(free, /14 days free/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-free-${tag}`);

    // A card that is declined buys nothing.
    await checkout(page, plan, 'Subscribe to Plus, monthly');
    await pay(page, DECLINED);
    await page.getByRole('alert').filter({ hasText: 'Your card was declined.' }).waitFor();
    assert.equal(await subscription(discord, paula), undefined);
    await pay(page, javaScriptEnabled ? GOOD : SECURE);
    await page.getByText('Thank you. The plan is there as soon as').waitFor();
    const trial = await shows(page, plan, /This server Plan Plus Source Trial/);
    assert.match(trial, /Subscription Plan Plus monthly Payment Trial Trial until \d.* Next invoice €4\.99 on \d.* Servers Seats taken: 1 of 1/);
    assert.equal(await moment(page, 'Trial until'), (await subscription(discord, paula)).trial_end * 1000);
    await shot(page, `subscriptions-trial-${tag}`);

    // The trial is over, and the first month paid.
    page = await later({ ...given, page }, paula.name, 15 * DAY);
    const paid = await shows(page, plan, /This server Plan Plus Source Subscription/);
    assert.match(paid, /Subscription Plan Plus monthly Payment Paid Renews \d.* Next invoice €4\.99 on \d/);
    await shot(page, `subscriptions-plus-${tag}`);

    // Up, with the amount shown beforehand: 29 of 30 days of the difference of €8.00.
    await page.getByRole('link', { name: 'Change to Pro, monthly' }).click();
    await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
    assert.match(await text(page), /Present plan Plus New plan Pro monthly To be paid now €7\.7\d From then on €12\.99 a month/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-change-${tag}`);
    await page.getByRole('button', { name: 'Change to Pro', exact: true }).click();
    await page.getByText('The plan was changed.').waitFor();
    const pro = await shows(page, plan, /This server Plan Pro Source Subscription/);
    assert.match(pro, /Subscription Plan Pro monthly Payment Paid.* Seats taken: 1 of 3/);

    // Down: what is paid and not used is a credit.
    await page.getByRole('link', { name: 'Change to Plus, monthly' }).click();
    await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
    assert.match(
      await text(page),
      /Present plan Pro New plan Plus monthly On the next invoice €0\.00 Credit for later invoices €2\.7\d From then on €4\.99 a month/,
    );
    await page.getByRole('button', { name: 'Change to Plus', exact: true }).click();
    await page.getByText('The plan was changed.').waitFor();
    await shows(page, plan, /This server Plan Plus Source Subscription/);

    // Cancelled on the provider's page: it counts until its end.
    await cancel(page, plan);
    const ending = await shows(page, plan, /Subscription Plan Plus monthly Payment Paid Ends \d/);
    assert.match(ending, /Next invoice None/);
    assert.doesNotMatch(ending, /Renews/);
    const end = await moment(page, 'Ends');
    assert.equal(end, (await subscription(discord, paula)).cancel_at * 1000);
    await shot(page, `subscriptions-cancelled-${tag}`);
    const { now_ms: now } = await discord.get('/control/clock');
    page = await later({ ...given, page }, paula.name, end - DAY - now);
    const last = await shows(page, plan, /This server Plan Plus Source Subscription/);
    assert.match(last, /Payment Paid Ends \d/);
    assert.equal((await subscription(discord, paula)).status, 'active');
    page = await later({ ...given, page }, paula.name, DAY + HOUR);
    const over = await shows(page, plan, /This server Plan Free Source The plan of every server/);
    assert.match(over, /Nothing was deleted\. What is switched off comes back with a new subscription\. Plan Plus monthly Payment Over Ended \d/);
    // The one trial was had.
    assert.match(over, /€4\.99/);
    assert.doesNotMatch(over, /days free/);
    await shot(page, `subscriptions-over-${tag}`);
  });

  d.test(`in the currency that was chosen, and in no other afterwards, ${how}`, options, async (given) => {
    const { signIn, discord } = given;
    let { page } = given;
    const dora = await owner(discord, `dora_${tag}`, ['Dollar Quay', 'Euro Quay']);
    const [plan, other] = dora.servers.map((server) => `/servers/${server}/subscription`);
    const choice = () => page.getByLabel('Currency', { exact: true });
    await signIn(page, dora.name);
    await shows(page, other, /This server Plan Free/);
    assert.match(await shows(page, plan, /This server Plan Free/), /€4\.99.*€129\.90/);
    assert.equal(await choice().inputValue(), 'eur');

    // A form that asks for the same page, with scripts or without.
    await choice().selectOption('usd');
    await page.getByRole('button', { name: 'Show prices', exact: true }).click();
    await page.waitForURL((at) => at.search === '?currency=usd');
    const dollars = await text(page);
    assert.match(dollars, /\$5\.49.*\$139\.90/);
    assert.doesNotMatch(dollars, /€/);
    assert.equal(await choice().inputValue(), 'usd');
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-currency-${tag}`);

    // The provider's page has it, and whoever comes back from there too.
    const toPay = async () => {
      await page.getByRole('button', { name: 'Subscribe to Plus, monthly', exact: true }).click();
      await page.waitForURL((at) => at.pathname.startsWith('/stripe/pay/'));
    };
    await toPay();
    assert.match(await text(page), /\$5\.49 per month/);
    await page.getByRole('link', { name: '← Back' }).click();
    await choice().waitFor();
    assert.equal(new URL(page.url()).search, '?currency=usd');
    assert.match(await text(page), /\$5\.49/);

    // What is not offered is shown as if nothing had been chosen, and not sold.
    const odd = await shows(page, `${plan}?currency=jpy`, /This server Plan Free/);
    assert.match(odd, /€4\.99/);
    const refused = await post(page, plan, { plan: 'plus', interval: 'month', currency: 'jpy' });
    assert.deepEqual([refused.path, refused.search], [plan, '?problem=payment_currency']);
    await page.goto(`${plan}${refused.search}`);
    await page.getByText('This is not sold in that currency.').waitFor();

    // Another currency is another page to pay on, and ends the one before.
    await checkout(page, plan, 'Subscribe to Plus, monthly');
    assert.match(await text(page), /€4\.99 per month/);
    await page.goto(`${plan}?currency=usd`);
    await toPay();
    await pay(page, javaScriptEnabled ? GOOD : SECURE);
    await page.getByText('Thank you. The plan is there as soon as').waitFor();
    const { sessions } = await discord.get('/control/stripe');
    const own = sessions.filter((one) => one.metadata.account === dora.id);
    assert.deepEqual(
      own.map((one) => [one.currency, one.status]),
      [['usd', 'complete'], ['eur', 'expired'], ['usd', 'expired']],
    );
    const trial = await shows(page, plan, /This server Plan Plus Source Trial/);
    assert.match(trial, /Payment Trial.* Next invoice \$5\.49 on \d.*\$13\.99/);
    assert.doesNotMatch(trial, /€/);
    assert.equal(await choice().count(), 0);

    // The provider takes one currency at a time of each customer, so also for another server.
    const there = await shows(page, other, /You already pay for a subscription in USD, so the amounts are in it\./);
    assert.match(there, /\$5\.49/);
    assert.doesNotMatch(there, /€/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    const fixed = await post(page, other, { plan: 'plus', interval: 'month', currency: 'eur' });
    assert.equal(fixed.search, '?problem=payment_currency_fixed');

    // Paid, and changed, in the same: 29 of 30 days of the difference of $8.50.
    page = await later({ ...given, page }, dora.name, 15 * DAY);
    await shows(page, plan, /Subscription Plan Plus monthly Payment Paid Renews \d.* Next invoice \$5\.49 on \d/);
    await page.getByRole('link', { name: 'Change to Pro, monthly' }).click();
    await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
    assert.match(
      await text(page),
      /Present plan Plus New plan Pro monthly To be paid now \$8\.2\d From then on \$13\.99 a month/,
    );
    await page.getByRole('button', { name: 'Change to Pro', exact: true }).click();
    await page.getByText('The plan was changed.').waitFor();
    await shows(page, plan, /Next invoice \$13\.99 on \d.* This server Plan Pro Source Subscription/);
    const { invoices } = await discord.get('/control/stripe');
    const { customer } = await subscription(discord, dora);
    const paid = invoices.filter((one) => one.customer === customer).map((one) => one.currency);
    assert.deepEqual([...new Set(paid)], ['usd']);
  });

  d.test(`in a trial another plan begins at once and costs nothing before its end, ${how}`, options, async ({ page, signIn, discord }) => {
    const tess = await owner(discord, `tess_${tag}`, ['Trial Bay']);
    const plan = `/servers/${tess.servers[0]}/subscription`;
    await signIn(page, tess.name);
    await shows(page, plan, /This server Plan Free/);
    await subscribe(page, plan, 'Subscribe to Plus, monthly');
    await shows(page, plan, /This server Plan Plus Source Trial/);
    const before = await moment(page, 'Trial until');
    await page.getByRole('link', { name: 'Change to Pro, monthly' }).click();
    await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
    assert.match(
      await text(page),
      /Present plan Plus New plan Pro monthly When the trial ends €12\.99 From then on €12\.99 a month Nothing is paid before the trial ends\. The new plan begins at once/,
    );
    await shot(page, `subscriptions-change-trial-${tag}`);
    await page.getByRole('button', { name: 'Change to Pro', exact: true }).click();
    await page.getByText('The plan was changed.').waitFor();
    const pro = await shows(page, plan, /This server Plan Pro Source Trial/);
    assert.match(pro, /Subscription Plan Pro monthly Payment Trial.* Next invoice €12\.99 on \d.* Seats taken: 1 of 3/);
    assert.equal(await moment(page, 'Trial until'), before);
    const { invoices } = await discord.get('/control/stripe');
    const { customer } = await subscription(discord, tess);
    const due = invoices.filter((one) => one.customer === customer).map((one) => one.amount_due);
    assert.deepEqual(due, [0], 'nothing was charged');
  });

  d.test(`the seat of a subscription goes to another server, ${how}`, options, async ({ page, signIn, discord }) => {
    const nora = await owner(discord, `nora_${tag}`, ['First Pier', 'Second Pier']);
    const [first, second] = nora.servers;
    const [here, there] = nora.servers.map((server) => `/servers/${server}/subscription`);
    await signIn(page, nora.name);
    await shows(page, here, /This server Plan Free/);
    await shows(page, there, /This server Plan Free/);
    await subscribe(page, here, 'Subscribe to Plus, yearly');
    await shows(page, here, /This server Plan Plus Source Trial/);
    await shows(page, HELD, /Plus State Valid Source Trial/);
    const licence = await page.locator('input[name=licence]').first().getAttribute('value');
    await page.getByLabel('Move the seat of First Pier to').selectOption(second);
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByText('The seat was moved.').waitFor();
    assert.match(await text(page), /Second Pier since .* Can be moved from/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-seat-${tag}`);
    // The subscription is the other server's now, and can be managed there.
    const now = await shows(page, there, /This server Plan Plus Source Trial/);
    assert.match(now, /Subscription Plan Plus yearly Payment Trial/);
    assert.equal(await page.getByRole('button', { name: 'Card, invoices, cancel', exact: true }).count(), 1);
    const before = await shows(page, here, /This server Plan Free Source The plan of every server/);
    assert.doesNotMatch(before, /Payment Trial/);
    const back = await post(page, HELD, { action: 'move', licence, from: second, guild: first });
    assert.equal(back.search, '?problem=licence_cooling');
  });

  d.test(`who pays reaches card and end without a server, ${how}`, options, async ({ page, signIn, discord }) => {
    const gus = await owner(discord, `gus_${tag}`, ['Gone Tomorrow']);
    const [server] = gus.servers;
    const plan = `/servers/${server}/subscription`;
    await signIn(page, gus.name);
    await shows(page, plan, /This server Plan Free/);
    await page.goto(HELD);
    await page.getByRole('heading', { name: 'You hold no licence' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Card, invoices, cancel', exact: true }).count(), 0);
    await subscribe(page, plan, 'Subscribe to Plus, monthly');
    await shows(page, HELD, /Plus State Valid Source Trial .* Until No end/);
    await discord.call('DELETE', `/control/guilds/${server}/bot`);
    await until('the page of the plan to be gone', async () => (await page.goto(plan)).status() === 404);
    await shows(page, HELD, /The bot is not there\. The seat stays\./);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-portal-${tag}`);
    await cancel(page, HELD);
    await page.getByRole('link', { name: '← Back' }).click();
    await page.getByRole('heading', { name: 'Your licences', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, HELD);
    await shows(page, HELD, /Plus State Valid Source Trial .* Until \d/);
    assert.equal((await subscription(discord, gus)).cancel_at_period_end, true);
  });

  d.test(`what cannot be done now is said on the page of the plan, ${how}`, options, async ({ page, newContext, signIn, discord }) => {
    const otto = await owner(discord, `otto_${tag}`, ['Otter Bank']);
    const [server] = otto.servers;
    const plan = `/servers/${server}/subscription`;
    // Another person who manages the server.
    const mate = await owner(discord, `mate_${tag}`, []);
    await discord.call('PUT', `/control/people/${mate.id}/guilds/${server}`);
    const role = await discord.post(`/control/guilds/${server}/roles`, { name: 'Crew', permissions: '32' });
    await discord.call('PUT', `/control/guilds/${server}/members/${mate.id}/roles/${role.id}`);
    await signIn(page, otto.name);
    await shows(page, plan, /This server Plan Free/);
    await subscribe(page, plan, 'Subscribe to Plus, monthly');
    await shows(page, plan, /This server Plan Plus Source Trial/);
    const refused = async (where, wanted, said) => {
      const answer = await where.goto(`${plan}/change?${wanted}`);
      assert.equal(answer.status(), 200);
      assert.equal(new URL(where.url()).pathname, plan);
      await where.getByText(said).waitFor();
    };
    await refused(page, 'plan=plus&interval=month', 'It has this plan already.');
    await refused(page, 'plan=community&interval=month', 'This is not for sale at the moment.');
    const other = await (await newContext()).newPage();
    await signIn(other, mate.name);
    const seen = await shows(other, plan, /This server Plan Plus Source Trial/);
    assert.match(seen, /Somebody else pays for it\. Only they can change it\./);
    assert.equal(await other.getByRole('button', { name: 'Card, invoices, cancel', exact: true }).count(), 0);
    assert.equal(await other.getByRole('link', { name: 'Change to Pro, monthly' }).count(), 0);
    await refused(other, 'plan=pro&interval=month', 'Only who pays for it may do this.');

    // The provider does not answer: pages are there, and say no more than is known.
    await discord.call('PUT', '/control/stripe/outage', { kind: 'unavailable' });
    await refused(page, 'plan=pro&interval=month', 'The payment provider did not answer in time.');
    assert.match(await text(page), /Subscription Plan Plus monthly Payment Trial.* Next invoice The payment provider cannot be asked at the moment/);
    assert.equal((await page.goto(plan)).status(), 200);
    await page.getByRole('button', { name: 'Card, invoices, cancel', exact: true }).click();
    await page.waitForURL((at) => at.search === '?problem=payment_provider');
    await page.getByText('The payment provider did not answer in time.').waitFor();
    assert.doesNotMatch(await text(page), /charged/);
    await shot(page, `subscriptions-away-${tag}`);
    await discord.call('DELETE', '/control/stripe/outage');
    await portal(page, plan);
  });
}

d.test('the way back buys nothing', async ({ page, signIn, discord, url }) => {
  const rita = await owner(discord, 'rita', ['Shortcut']);
  const plan = `/servers/${rita.servers[0]}/subscription`;
  await signIn(page, rita.name);
  await shows(page, plan, /This server Plan Free/);
  await page.goto(`${plan}?done=subscribed`);
  await page.getByText('Thank you. The plan is there as soon as').waitFor();
  assert.match(await text(page), /This server Plan Free/);
  assert.equal(await subscription(discord, rita), undefined);
  const event = JSON.stringify({ id: 'evt_1', type: 'customer.subscription.created', livemode: false });
  const { now_ms: now } = await discord.get('/control/clock');
  for (const signature of [undefined, `t=${Math.floor(now / 1000)},v1=${'0'.repeat(64)}`]) {
    const headers = { 'content-type': 'application/json', ...(signature && { 'stripe-signature': signature }) };
    const forged = await fetch(`${url}/webhooks/stripe`, { method: 'POST', headers, body: event });
    assert.equal(forged.status, 400);
  }
});

d.test('on a phone, in the dark', { context: { viewport: PHONE, colorScheme: 'dark' } }, async ({ page, signIn, discord }) => {
  const fay = await owner(discord, 'fay', ['Pocket Harbour']);
  const plan = `/servers/${fay.servers[0]}/subscription`;
  await signIn(page, fay.name);
  await shows(page, plan, /This server Plan Free/);
  await assertFitsWidth(page);
  await assertAccessible(page);
  await shot(page, 'subscriptions-phone-free');
  await subscribe(page, plan, 'Subscribe to Plus, monthly');
  await shows(page, plan, /This server Plan Plus Source Trial/);
  for (const [name, path] of [['plan', plan], ['change', `${plan}/change?plan=pro&interval=month`], ['held', HELD]]) {
    await page.goto(path);
    assert.equal(new URL(page.url()).pathname, path.split('?')[0]);
    await assertFitsWidth(page);
    await assertAccessible(page);
    await shot(page, `subscriptions-phone-${name}`);
  }
});
