// A shorter time for transcripts deletes some that are there: the settings say how many and ask before, and for
// which time somebody says yes counts. The clock is the sandbox's. Told with JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth, searchable } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { formValues, post } from '../lib/forms.mjs';
import { DAY, HOUR, later } from '../lib/payments.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

// The sandbox's clock is the server's where its provider takes the payments.
const d = desk('retention', { payments: true });
const SETTINGS = `${HOME}/settings`;
const story = { closed: [] };

d.test('a panel', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  story.panel = await publish(page, await makePanel(page, { panel_title: 'Need a hand?' }), discord, 'Need a hand?');
});

/** A ticket of Mia's that is closed and stored now; gives the path of its transcript. */
async function closed(page, discord) {
  const mia = await discord.person('mia');
  // Days pass at once here, so that the bot may be connecting anew: who presses meanwhile presses again.
  const ticket = await until('a ticket to open', () => openTicket(discord, mia, story.panel));
  await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close' });
  const path = `/transcripts/${ticket.id}`;
  await until('the transcript to be stored', async () => {
    await page.goto(path);
    return (await page.locator('dt', { hasText: 'Closed by' }).count()) === 1;
  });
  story.closed.push(path);
  return path;
}

/** The time that is stored, whatever a form shows. */
const stored = async (page) => (await formValues(page, SETTINGS, 'settings-form')).retention[0];

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`a shorter time deletes nothing before somebody says yes to the number, ${how}`, {
    context: { javaScriptEnabled },
    timeout: 240_000,
  }, async (given) => {
    const { signIn, discord } = given;
    let { page } = given;
    const time = () => page.locator('select[name=retention]');
    const choose = async (label) => {
      // What is chosen before the program runs is no change to it.
      await searchable(page);
      await time().selectOption({ label });
    };
    const yes = (count) => page.getByLabel(`Yes, delete ${count} transcripts`);
    const save = async () => {
      // The bar is there from the start where something was refused.
      const place = page.locator(javaScriptEnabled ? '.save-bar' : '.form-foot');
      await page.evaluate(() => document.body.setAttribute('data-before', ''));
      await place.getByRole('button', { name: 'Save changes' }).click();
      await page.locator('body:not([data-before])').waitFor();
    };
    await signIn(page, 'olivia');
    // What the other telling left is older than a week at the end of this one.
    let old = 0;
    for (const path of story.closed) if ((await page.request.get(path)).status() === 200) old += 1;
    // Longer than what is stored, or as long: nobody is asked.
    await page.goto(SETTINGS);
    await choose('for 365 days');
    await save();
    await page.waitForURL(/done=saved/);
    assert.equal(await stored(page), '365');

    const ancient = [await closed(page, discord), await closed(page, discord)];
    page = await later({ ...given, page }, 'olivia', 8 * DAY);
    const recent = await closed(page, discord);
    page = await later({ ...given, page }, 'olivia', 2 * DAY);
    const fresh = await closed(page, discord);

    // A month deletes nothing here, so that nobody is asked.
    await page.goto(SETTINGS);
    await choose('for 30 days');
    await save();
    await page.waitForURL(/done=saved/);
    assert.equal(await stored(page), '30');

    await choose('for 7 days');
    await save();
    await page.locator('#retention-error').waitFor();
    assert.match(await page.locator('#retention-error').innerText(), new RegExp(`^This deletes ${2 + old} transcripts within the hour`));
    assert.match(await page.locator('#problems').innerText(), new RegExp(`Keep transcripts: This deletes ${2 + old} transcripts`));
    assert.equal(await time().inputValue(), '7', 'what was chosen is still there');
    assert.equal(await yes(2 + old).isChecked(), false, 'nobody is made to say yes');
    assert.equal(await stored(page), '30');
    // The checks look by a script of their own.
    if (javaScriptEnabled) {
      await assertFitsWidth(page);
      await assertAccessible(page);
    }

    // Saved once more without a word: asked once more.
    await save();
    assert.equal(await yes(2 + old).isChecked(), false);
    assert.equal(await stored(page), '30');

    // A yes to a week is none to a day, which deletes more.
    await yes(2 + old).check();
    await choose('for 1 day');
    await save();
    await yes(3 + old).waitFor();
    assert.equal(await yes(3 + old).isChecked(), false);
    assert.match(await page.locator('#retention-error').innerText(), new RegExp(`^This deletes ${3 + old} transcripts`));
    assert.equal(await stored(page), '30');
    for (const path of [...ancient, recent, fresh]) assert.equal((await page.request.get(path)).status(), 200, 'nothing went');

    await yes(3 + old).check();
    await save();
    await page.waitForURL(/done=saved/);
    assert.equal(await stored(page), '1');
    assert.equal(await page.locator('#retention-error').count(), 0);
    await discord.post('/control/clock', { advance_ms: 2 * HOUR });
    for (const path of [...ancient, recent]) {
      await until('the transcript to be gone', async () => (await page.request.get(path)).status() === 404);
    }
    assert.equal((await page.request.get(fresh)).status(), 200, 'what is younger stays');
    await page.goto(`${HOME}/audit`);
    assert.match(await page.locator('tbody').textContent(), /Keep transcripts/);
  });
}
