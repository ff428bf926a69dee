// Subscriptions: from free to Plus to Pro, a card that is declined and one that pays, cancelling, a card that fails later,
// a donation. The sandbox's provider takes the money, and its clock is the server's. With JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { HOME } from '../lib/seed.mjs';

const PAGE = `${HOME}/subscription`;
const DAY = 86_400_000;
const GOOD = '4242 4242 4242 4242';
const DECLINED = '4000 0000 0000 0002';
const SECURE = '4000 0025 0000 3155';

const d = desk('subscriptions', { payments: true });

const text = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** Looks at a page of ours until it shows something: webhooks come when they come. */
async function shows(page, path, pattern) {
  await until(`${path} to show ${pattern}`, async () => {
    await page.goto(path);
    return pattern.test(await text(page));
  }, { seconds: 30 });
}

/** Fills the provider's form and pays. */
async function pay(page, card) {
  await page.locator('input[name=email]').fill('olivia@example.com');
  await page.locator('input[name=number]').fill(card);
  await page.locator('input[name=expiry]').fill('12 / 34');
  await page.locator('input[name=cvc]').fill('123');
  await page.locator('input[name=name]').fill('Olivia Example');
  await page.locator('button.pay-submit').click();
}

const advance = (discord, days) => discord.call('POST', '/control/clock', { advance_ms: days * DAY });

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`free to Plus to Pro, and cancelled, ${how}`, { context: { javaScriptEnabled }, timeout: 240_000 }, async ({ page, signIn, discord, url }) => {
    await signIn(page, 'olivia');
    await page.goto(PAGE);
    assert.match(await text(page), /Plan Free/);
    assert.match(await text(page), /€4\.99/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-free-${javaScriptEnabled}`);
    await page.getByRole('button', { name: 'Subscribe to Plus, monthly' }).click();
    await page.waitForURL((at) => at.pathname.startsWith('/stripe/'));
    // A card that is declined buys nothing.
    await pay(page, DECLINED);
    await page.getByText(/declined/i).first().waitFor();
    await pay(page, javaScriptEnabled ? GOOD : SECURE);
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Complete' }).click();
    await page.waitForURL((at) => at.href.startsWith(url));
    await shows(page, PAGE, /Plan Plus/);
    const subscribed = await text(page);
    assert.match(subscribed, /Payment (Trial|Paid)/);
    assert.match(subscribed, /Next invoice €4\.99 on/);
    assert.match(subscribed, /1 of 1 seats/);
    await shot(page, `subscriptions-plus-${javaScriptEnabled}`);

    // Up, with the amount shown beforehand.
    await page.getByRole('link', { name: /Change to Pro, monthly/ }).click();
    await page.getByRole('heading', { name: 'Change the plan' }).waitFor();
    assert.match(await text(page), /To be paid now €\d+\.\d\d.*From then on €12\.99 a month/);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `subscriptions-change-${javaScriptEnabled}`);
    await page.getByRole('button', { name: 'Change to Pro' }).click();
    await page.getByText('The plan was changed.').waitFor();
    await shows(page, PAGE, /Plan Pro.*of 3 seats/);

    // Cancelled on the provider's page: it counts until its end.
    await page.getByRole('button', { name: 'Card, invoices, cancel' }).click();
    await page.waitForURL((at) => at.pathname.startsWith('/stripe/'));
    await page.getByRole('button', { name: /^Cancel/ }).first().click();
    await shows(page, PAGE, /Plan Pro monthly.*Ends \d/);
    assert.doesNotMatch(await text(page), /Renews/);
    await advance(discord, 40);
    await shows(page, PAGE, /Plan Free/);
    assert.match(await text(page), /Over/);
  });
}

d.test('a card that fails later: seven days, and everything back when it pays', { timeout: 240_000 }, async ({ page, signIn, discord, url }) => {
  await signIn(page, 'olivia');
  await page.goto(PAGE);
  await page.getByRole('button', { name: 'Subscribe to Plus, monthly' }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/'));
  await pay(page, '4000 0000 0000 0341');
  await page.waitForURL((at) => at.href.startsWith(url));
  await shows(page, PAGE, /Plan Plus/);
  await advance(discord, 33);
  await shows(page, PAGE, /The last payment failed|Payment (Failed|Not paid)/);
  await shot(page, 'subscriptions-failed');
  await advance(discord, 9);
  await shows(page, PAGE, /Plan Free/);
  assert.match(await text(page), /Nothing was deleted/);
});

d.test('a donation is thanked for when it has come', async ({ page, signIn, url }) => {
  await signIn(page, 'mia');
  await page.goto('/donate');
  await page.getByLabel('Amount').fill('nothing');
  await page.getByRole('button', { name: 'Go to the payment page' }).click();
  await page.getByText(/Between €1\.00 and/).waitFor();
  assert.equal(await page.getByLabel('Amount').inputValue(), 'nothing');
  await page.getByLabel('Amount').fill('7.50');
  await page.getByRole('button', { name: 'Go to the payment page' }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/'));
  await pay(page, GOOD);
  await page.waitForURL((at) => at.href.startsWith(url));
  await until('the thanks', async () => {
    await page.reload();
    return /Thank you!.*€7\.50/.test(await text(page));
  });
  await assertFitsWidth(page);
  await assertAccessible(page);
  await shot(page, 'subscriptions-thanks');
  // Nobody else's.
  await signIn(page, 'sam');
  const thanks = new URL(page.url());
  assert.equal(thanks.origin, url);
});

d.test('the way back buys nothing', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${PAGE}?done=subscribed`);
  assert.match(await text(page), /Plan Free/);
  const forged = await post(page, '/webhooks/stripe', { id: 'evt_1', type: 'customer.subscription.created' });
  assert.equal(forged.status, 400);
});
