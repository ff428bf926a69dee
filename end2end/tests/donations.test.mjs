// A donation: any amount, once, thanked for when the provider has it, and nobody else's. With JavaScript and without.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { GOOD, HELD, SECURE, pay, text } from '../lib/payments.mjs';

const d = desk('donations', { payments: true });

/** From the form to the provider's page; gives the path of the thanks. */
async function give(page, discord, amount) {
  await page.getByLabel('Amount').fill(amount);
  await page.getByRole('button', { name: 'Go to the payment page', exact: true }).click();
  await page.waitForURL((at) => at.pathname.startsWith('/stripe/pay/'));
  const id = new URL(page.url()).pathname.split('/').pop();
  const { sessions } = await discord.get('/control/stripe');
  return new URL(sessions.find((one) => one.id === id).success_url).pathname;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const tag = javaScriptEnabled ? 'js' : 'plain';

  d.test(`a donation is thanked for when it has come, ${how}`, { context: { javaScriptEnabled }, timeout: 240_000 }, async ({ page, context, newContext, signIn, discord }) => {
    await signIn(page, 'mia');
    await page.getByRole('contentinfo').getByRole('link', { name: 'Donate', exact: true }).click();
    await page.getByRole('heading', { name: 'Donate', level: 1 }).waitFor();
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    // What is wrong comes back with what was typed.
    await page.getByLabel('Amount').fill('nothing');
    await page.getByRole('button', { name: 'Go to the payment page', exact: true }).click();
    await page.getByText('Between €1.00 and €999,999.99, in numbers.').waitFor();
    assert.equal(await page.getByLabel('Amount').inputValue(), 'nothing');
    await shot(page, `donations-wrong-${tag}`);

    const thanks = await give(page, discord, '7.50');
    assert.match(thanks, /^\/donate\/thanks\//);
    // Nobody is thanked for coming to the address.
    const early = await context.newPage();
    await early.goto(thanks);
    assert.match(await text(early), /Not confirmed yet The payment provider has not confirmed your donation of €7\.50\./);
    await early.close();
    await pay(page, javaScriptEnabled ? GOOD : SECURE);
    await page.getByRole('heading', { name: 'Thank you!', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, thanks);
    assert.match(await text(page), /Thank you! Your donation of €7\.50 has arrived\./);
    await assertFitsWidth(page);
    if (javaScriptEnabled) await assertAccessible(page);
    await shot(page, `donations-thanks-${tag}`);

    // While the provider is away nobody knows; the page is there.
    await discord.call('PUT', '/control/stripe/outage', { kind: 'unavailable' });
    assert.equal((await page.goto(thanks)).status(), 200);
    assert.match(await text(page), /Not confirmed yet/);
    await discord.call('DELETE', '/control/stripe/outage');
    await page.goto(thanks);
    assert.match(await text(page), /Thank you! Your donation of €7\.50 has arrived\./);

    // It buys nothing.
    await page.goto(HELD);
    await page.getByRole('heading', { name: 'You hold no licence' }).waitFor();

    // Nobody else's.
    const stranger = await (await newContext()).newPage();
    await stranger.goto(thanks);
    assert.equal(new URL(stranger.url()).pathname, '/', 'signed out it leads to the sign-in');
    await signIn(stranger, 'sam');
    assert.equal((await stranger.goto(thanks)).status(), 404);
  });
}

d.test('on a phone, in the dark', { context: { viewport: PHONE, colorScheme: 'dark' } }, async ({ page, signIn, discord }) => {
  await signIn(page, 'noah');
  await page.goto('/donate');
  await assertFitsWidth(page);
  await assertAccessible(page);
  await shot(page, 'donations-phone-donate');
  await give(page, discord, '12');
  await pay(page, GOOD);
  await page.getByRole('heading', { name: 'Thank you!', level: 1 }).waitFor();
  assert.match(await text(page), /€12\.00/);
  await assertFitsWidth(page);
  await assertAccessible(page);
  await shot(page, 'donations-phone-thanks');
});
