// A licence that an operator grants until a day: it counts until then, is shown as expired afterwards, and counts again
// when it is extended. The clock is the sandbox's. With JavaScript and without.
import assert from 'node:assert/strict';
import { assertFitsWidth, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { DAY, HELD, later, moment, owner, shows, text } from '../lib/payments.mjs';

const ALL = '/operator/licences';

// Sam operates the service.
const d = desk('licences-end', { payments: true, WARDESK_OPERATORS: '200000000000000002' });

/** The day so many days from now, as a field of a date takes it. */
async function day(discord, days) {
  const { now_ms: now } = await discord.get('/control/clock');
  return new Date(now + days * DAY).toISOString().slice(0, 10);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  const tag = javaScriptEnabled ? 'js' : 'plain';

  d.test(`granted until a day, expired, and extended, ${how}`, { context: { javaScriptEnabled }, timeout: 240_000 }, async (given) => {
    const { newContext, signIn, discord } = given;
    let { page } = given;
    const ines = await owner(discord, `ines_${tag}`, ['Borrowed Light']);
    const plan = `/servers/${ines.servers[0]}/subscription`;
    await signIn(page, ines.name);
    await shows(page, plan, /This server Plan Free/);
    let sam = await (await newContext()).newPage();
    await signIn(sam, 'sam');
    await sam.goto(ALL);
    await sam.locator('select[name=plan]').selectOption({ label: 'Pro' });
    await sam.locator('input[name=contact]').fill(ines.id);
    const lastDay = await day(discord, 10);
    await sam.locator('input[name=expires]').fill(lastDay);
    await sam.locator('input[name=server]').fill(ines.servers[0]);
    await sam.getByRole('button', { name: 'Issue', exact: true }).click();
    await sam.getByText('The licence was issued.').waitFor();
    const licence = new URL(sam.url()).pathname;

    const granted = await shows(page, plan, /This server Plan Pro Source Granted by the operator Until \d/);
    assert.match(granted, /Pro Yours Granted by the operator In use \d/);
    // The last day is whole, in UTC.
    assert.equal(await moment(page, 'Until'), Date.parse(lastDay) + DAY);

    page = await later({ ...given, page }, ines.name, 12 * DAY);
    const expired = await shows(page, plan, /This server Plan Free Source The plan of every server/);
    assert.match(expired, /Pro Yours Granted by the operator Expired \d/);
    await assertFitsWidth(page);
    await shot(page, `licences-expired-${tag}`);
    await page.goto(HELD);
    assert.match(await text(page), /Pro State Expired Source Granted by the operator/);

    sam = await (await newContext()).newPage();
    await signIn(sam, 'sam');
    await sam.goto(licence);
    assert.match(await text(sam), /State Expired/);
    await sam.locator('input[name=expires]').fill(await day(discord, 30));
    await sam.getByRole('button', { name: 'Extend', exact: true }).click();
    await sam.getByText('The licence was extended.').waitFor();
    await shows(page, plan, /This server Plan Pro Source Granted by the operator Until \d/);
  });
}
