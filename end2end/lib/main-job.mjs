// The main job from end to end: the owner configures the server and publishes a panel, a member opens a
// ticket in Discord, staff claim and close it on the dashboard, and its transcript is read by those who may.
// One story in order; each chapter needs the one before. Told twice, with JavaScript and without.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { assertAccessible, choose, chosen } from './browser.mjs';
import { desk } from './desk.mjs';
import { lighthouse } from './png.mjs';
import { until } from './processes.mjs';
import { BOT, GUILD, HOME, button, openTicket } from './seed.mjs';

const PANEL = {
  panel_name: 'Help desk',
  panel_title: 'Need a hand?',
  panel_text: 'Press the button and tell us what happened.\nWe answer within **a day**.',
  panel_button_label: 'Open a ticket',
  panel_welcome: 'Thanks for writing. Somebody will be with you soon.',
};

/** Presses a button and waits for the page that its form leads to. */
async function submit(page, locator) {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  const loaded = page.waitForEvent('load');
  await locator.click();
  assert.ok((await answered).status() < 400, 'the form was refused');
  await loaded;
}

/** Tells the story in a desk of its own. */
export function mainJob(name, { javaScriptEnabled }) {
  const d = desk(name);
  const story = {};
  const context = { javaScriptEnabled };

  /** The save bar where scripts run, the button at the end of the form where not. */
  const save = async (page, form) => {
    const place = javaScriptEnabled ? page.locator('.save-bar') : page.locator(`#${form} .form-foot`);
    await submit(page, place.getByRole('button', { name: 'Save changes' }));
    await page.getByRole('status').filter({ hasText: /saved/i }).first().waitFor();
  };

  d.test('the owner finds the server among the groups and looks for another', { context }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto('/servers');
    const invite = page.locator('a[href*="oauth2/authorize"]');
    const href = new URL(await invite.first().getAttribute('href'));
    assert.equal(href.searchParams.get('guild_id'), '400000000000000002', 'the invitation names the server');
    assert.ok(Number(href.searchParams.get('permissions')) > 0);
    await page.getByRole('searchbox').fill('quiet');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/q=quiet/);
    await page.getByText('Quiet Corner').first().waitFor();
    assert.equal(await page.getByText('Harbour Lights').count(), 0, 'the search leaves the others out');
    await page.goto('/servers');
    await page.getByRole('link', { name: 'Harbour Lights' }).click();
    await page.getByRole('heading', { level: 1, name: 'Harbour Lights' }).waitFor();
    assert.equal(await page.locator('.step').count(), 3, 'three steps to the first ticket');
    assert.equal(await page.locator('.step[data-done]').count(), 0);
  });

  d.test('the owner says who supports and where', { context }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/settings`);
    await page.getByRole('group', { name: 'Support roles' }).getByLabel('Support', { exact: true }).check();
    await choose(page, 'Category for tickets', 'Tickets');
    await choose(page, 'Channel for closed tickets', 'transcripts');
    await choose(page, 'Channel for notices', 'support-log');
    await save(page, 'settings-form');
    await page.goto(`${HOME}/settings`);
    assert.ok(await page.getByRole('group', { name: 'Support roles' }).getByLabel('Support', { exact: true }).isChecked(), 'the role is kept');
  });

  d.test('what is refused comes back with what was typed', { context }, async ({ page, signIn, discord }) => {
    const doomed = await discord.post(`/control/guilds/${GUILD}/channels`, { name: 'doomed', type: 0 });
    await signIn(page, 'olivia');
    await until('the page to know the channel', async () => {
      await page.goto(`${HOME}/settings`);
      return (await page.locator(`option[value="${doomed.id}"]`).count()) > 0;
    });
    await choose(page, 'Time zone', 'America/Port of Spain');
    await choose(page, 'Channel for notices', 'doomed');
    // It goes while the form is being filled.
    await discord.call('DELETE', `/control/channels/${doomed.id}`);
    await submit(page, page.locator('#settings-form .form-foot button'));
    await page.getByRole('alert').getByRole('link', { name: 'Channel for notices' }).click();
    assert.equal(await chosen(page, 'Channel for notices'), `${doomed.id} (deleted)`);
    assert.equal(await chosen(page, 'Time zone'), 'America/Port of Spain');
    const field = page.getByRole('combobox', { name: 'Channel for notices' });
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.ok(await field.evaluate((one) => one === document.activeElement), 'the summary leads to the field');
    // axe itself needs scripts.
    if (javaScriptEnabled) await assertAccessible(page);
    // It was not saved, and it shows once.
    await page.goto(`${HOME}/settings`);
    assert.equal(await chosen(page, 'Time zone'), 'UTC');
    assert.equal(await chosen(page, 'Channel for notices'), 'support-log');
  });

  d.test('the owner makes a panel with a form and publishes it', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/panels`);
    await submit(page, page.getByRole('button', { name: 'New panel' }));
    await page.waitForURL(/\/panels\/[0-9a-f-]{36}/);
    for (const [field, value] of Object.entries(PANEL)) await page.locator(`#${field}`).fill(value);
    await choose(page, 'Channel', 'welcome');
    // The first question is open, the others wait to be added.
    await page.locator('#question_1_label').fill('Which device?');
    await page.getByText('Add question 2').click();
    await page.locator('#question_2_label').fill('What happened?');
    if (javaScriptEnabled) {
      assert.equal(await page.locator('.preview-title').textContent(), PANEL.panel_title);
      assert.equal(await page.locator('.preview-text strong').textContent(), 'a day', 'the preview reads markdown');
    }
    await save(page, 'panel-form');
    assert.equal(await page.locator('.preview-text strong').textContent(), 'a day');
    // The arrows change the order without saving; then it is saved.
    await submit(page, page.getByRole('button', { name: 'Move question 2 up' }));
    assert.equal(await page.locator('#question_1_label').inputValue(), 'What happened?');
    assert.equal(await page.locator('#question_2_label').inputValue(), 'Which device?');
    await save(page, 'panel-form');
    await submit(page, page.getByRole('button', { name: /^Publish/ }));
    const found = await discord.wait('message', { guild: GUILD, channel: 'welcome', author: BOT, text: 'Need a hand?' });
    story.panel = found.message ?? found;
  });

  d.test('Enter in a field saves and moves no question', { context }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/panels`);
    await page.getByRole('link', { name: 'Help desk' }).click();
    await page.locator('#panel_name').waitFor();
    await page.locator('#panel_name').fill('Help desk ');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.locator('#panel_name').press('Enter');
    assert.match((await answered).headers().location, /done=panel/);
    await page.waitForLoadState('load');
    assert.equal(await page.locator('#question_1_label').inputValue(), 'What happened?');
  });

  d.test('a member opens a ticket and writes', { context }, async ({ discord }) => {
    const [mia, noah] = [await discord.person('mia'), await discord.person('noah')];
    story.ticket = await openTicket(discord, mia, story.panel, ['The lamp went out', 'A lantern']);
    const { channel } = story.ticket;
    await mia.send(channel, 'It **really** is dark. <script>globalThis.__xss=1</script>');
    await mia.send(channel, 'This is how it looks:', [new File([lighthouse()], 'lighthouse.png', { type: 'image/png' })]);
    // A second ticket, which stays open.
    await openTicket(discord, noah, story.panel, ['Where is the key?', 'The door']);
  });

  d.test('staff claim it on the dashboard, let somebody in, and give it back', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'sam');
    await page.goto(HOME);
    // The figures lead to the tickets they count.
    const waiting = page.locator('.figure').filter({ hasText: 'waiting for someone' });
    assert.match(await waiting.textContent(), /2/);
    await waiting.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Tickets' }).waitFor();
    assert.equal(await page.locator('tbody tr').count(), 2);
    await page.getByRole('link', { name: 'Ticket 1', exact: true }).click();
    await page.getByText('The lamp went out').first().waitFor();
    await submit(page, page.getByRole('button', { name: 'Claim', exact: true }));
    await page.getByRole('button', { name: 'Unclaim' }).waitFor();
    await discord.wait('message', { channel: story.ticket.channel, text: 'has claimed this ticket' });
    const noah = await discord.person('noah');
    await page.getByRole('searchbox', { name: 'Add a person' }).fill('noa');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText(`@${noah.data.username}`).waitFor();
    await submit(page, page.getByRole('button', { name: 'Add Noah', exact: true }));
    await page.locator('.person', { hasText: 'Noah' }).first().waitFor();
    await submit(page, page.getByRole('button', { name: 'Remove Noah', exact: true }));
    assert.equal(await page.locator('input[name=user][type=hidden]').count(), 0);
    await submit(page, page.getByRole('button', { name: 'Unclaim' }));
    await submit(page, page.getByRole('button', { name: 'Claim', exact: true }));
    const sam = await discord.person('sam');
    await sam.send(story.ticket.channel, 'I have lit it again.');
  });

  d.test('staff say how urgent it is, and find it by that', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'sam');
    await page.goto(`${HOME}/tickets/${story.ticket.id}`);
    const set = page.getByRole('button', { name: 'Set priority' });
    assert.equal(await page.getByLabel('Priority', { exact: true }).inputValue(), 'normal');
    await page.getByLabel('Priority', { exact: true }).selectOption('urgent');
    await submit(page, set);
    await page.getByText('The priority is set.').waitFor();
    await page.locator('.page-head .badge', { hasText: 'urgent' }).waitFor();
    await page.getByText('Sam set the priority to urgent').waitFor();
    await discord.wait('message', { channel: story.ticket.channel, text: 'has marked this ticket as urgent' });
    await page.goto(`${HOME}/tickets`);
    assert.equal(await page.locator('tbody .badge', { hasText: 'urgent' }).count(), 1, 'the list shows it, and nothing of what is normal');
    assert.equal(await page.locator('tbody .badge', { hasText: 'normal' }).count(), 0);
    await page.getByLabel('Priority', { exact: true }).selectOption({ label: 'urgent' });
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/priority=urgent/);
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.getByRole('link', { name: 'Ticket 1', exact: true }).waitFor();
    await page.getByLabel('Priority', { exact: true }).selectOption({ label: 'low' });
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('No ticket matches').waitFor();
  });

  d.test('staff filter the list by person and by state', { context }, async ({ page, signIn }) => {
    await signIn(page, 'sam');
    await page.goto(`${HOME}/tickets`);
    await page.getByLabel('Claimed by').selectOption({ label: 'Sam' });
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/staff=\d+/);
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.getByLabel('Opened by').selectOption({ label: 'Noah' });
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('No ticket matches').waitFor();
    await page.getByRole('link', { name: 'Clear filters' }).first().click();
    await page.locator('tbody tr').nth(1).waitFor();
  });

  if (javaScriptEnabled) {
    d.test('the ticket page follows what happens in Discord', { context }, async ({ page, signIn, discord }) => {
      await signIn(page, 'olivia');
      await page.goto(`${HOME}/tickets/${story.ticket.id}`);
      await page.locator('.live-dot').waitFor();
      const sam = await discord.person('sam');
      await sam.press(story.ticket.welcome, button(story.ticket.welcome, 'wd:claim:').custom_id.replace(':claim:', ':unclaim:'));
      await page.getByText('Sam gave it back').nth(1).waitFor();
      await sam.press(story.ticket.welcome, button(story.ticket.welcome, 'wd:claim:').custom_id);
      await page.getByRole('button', { name: 'Unclaim' }).waitFor();
    });

    d.test('the save bar comes with a change, goes with its undoing, and guards the page', { context }, async ({ page, signIn }) => {
      await signIn(page, 'olivia');
      await page.goto(`${HOME}/settings`);
      const bar = page.locator('.save-bar');
      const zone = await choose(page, 'Time zone', 'Europe/Berlin');
      await bar.waitFor();
      await choose(page, 'Time zone', 'UTC');
      await bar.waitFor({ state: 'hidden' });
      await choose(page, 'Time zone', 'Europe/Berlin');
      let asked = 0;
      page.on('dialog', async (dialog) => {
        asked += 1;
        assert.equal(dialog.type(), 'beforeunload');
        await dialog.dismiss();
      });
      await page.getByRole('link', { name: 'Panels' }).click({ noWaitAfter: true });
      await until('the browser to ask', () => asked === 1);
      assert.match(page.url(), /settings$/);
      await bar.getByRole('button', { name: 'Reset' }).click();
      assert.equal(await zone.inputValue(), 'UTC');
      await page.getByRole('link', { name: 'Panels' }).click();
      await page.getByRole('heading', { level: 1, name: 'Panels' }).waitFor();
      assert.equal(asked, 1);
    });
  }

  d.test('staff close it with a reason; the channel goes, a summary and a message to the opener come', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'sam');
    await page.goto(`${HOME}/tickets/${story.ticket.id}`);
    await page.getByRole('button', { name: 'Close ticket' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close ticket' });
    await dialog.getByLabel(/Reason/).fill('Lit again');
    await submit(page, dialog.getByRole('button', { name: 'Close ticket' }));
    await discord.wait('no_channel', { channel: story.ticket.channel, timeout_ms: 20_000 });
    await discord.wait('message', { guild: GUILD, channel: 'transcripts', text: story.ticket.id, timeout_ms: 20_000 });
    await discord.wait('message', { person: 'mia', text: story.ticket.id, timeout_ms: 20_000 });
    await page.goto(`${HOME}/tickets/${story.ticket.id}`);
    await page.getByText('Lit again').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Close ticket' }).count(), 0);
  });

  d.test('the opener reads the transcript, also after leaving the server', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'mia');
    await page.goto('/transcripts');
    await page.getByRole('link', { name: 'Ticket 1' }).click();
    await page.getByText('I have lit it again.').first().waitFor();
    // What looks like markup is text.
    await page.getByText('<script>globalThis.__xss=1</script>').first().waitFor();
    assert.equal(await page.evaluate(() => globalThis.__xss), undefined);
    assert.ok(await page.locator('strong', { hasText: 'really' }).count(), 'bold is bold');
    const image = page.locator('main img[src*="/files/"]').first();
    await image.scrollIntoViewIfNeeded();
    await until('the image to be drawn', () => image.evaluate((element) => element.complete && element.naturalWidth > 0));
    const mia = await discord.person('mia');
    await discord.call('DELETE', `/control/people/${mia.id}/guilds/${GUILD}`);
    const answer = await page.goto(`/transcripts/${story.ticket.id}`);
    assert.equal(answer.status(), 200, 'the opener keeps access');
    await page.getByText('I have lit it again.').first().waitFor();
  });

  d.test('every change is in the audit log, with before and after', { context }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/audit`);
    const row = page.locator('tr').filter({ hasText: 'Changed the settings' }).last();
    await row.getByText('Changed the settings').click();
    assert.ok((await row.locator('ins').allInnerTexts()).some((text) => text.includes('@Support')), 'roles by name');
    for (const what of ['Made a panel', 'Published a panel', 'Claimed ticket 1', 'Closed ticket 1']) {
      assert.ok(await page.getByText(what, { exact: true }).count(), what);
    }
  });

  d.test('the owner removes the panel; its message goes, its tickets stay', { context }, async ({ page, signIn, discord }) => {
    await signIn(page, 'olivia');
    await page.goto(`${HOME}/panels`);
    await page.getByRole('link', { name: 'Help desk' }).click();
    await page.getByRole('button', { name: 'Remove panel' }).click();
    await submit(page, page.getByRole('dialog').getByRole('button', { name: 'Remove panel' }));
    await page.getByText('The panel is removed.').waitFor();
    await discord.wait('no_message', { channel: 'welcome', guild: GUILD, id: story.panel.id });
    await page.goto(`${HOME}/tickets`);
    assert.equal(await page.locator('tbody tr').count(), 2);
  });
}
