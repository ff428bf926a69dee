// The main job from end to end: the owner configures the server and publishes a panel, a member opens a
// ticket in Discord, staff claim and close it, and its transcript is read by those who may, and nobody else.
// One story in order; each chapter needs the one before.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, picture, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';

const GUILD = '400000000000000001';
const HOME = `/servers/${GUILD}`;
const PANEL = {
  panel_name: 'Help desk',
  panel_title: 'Need a hand?',
  panel_text: 'Press the button and tell us what happened.\nWe answer within **a day**.',
  panel_button_label: 'Open a ticket',
  panel_welcome: 'Thanks for writing. Somebody will be with you soon.',
  question_1_label: 'What happened?',
  question_2_label: 'Which device?',
};

const d = desk('main-job');
const story = {};

/** Sends the form and waits for the answer. */
async function save(page, form) {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.locator(`#${form}`).evaluate((element) => element.requestSubmit());
  assert.ok((await answered).status() < 400, 'the form was refused');
  await page.waitForLoadState('networkidle');
}

d.test('the owner finds the server among the three groups', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto('/servers');
  await page.getByText('Harbour Lights').first().waitFor();
  await page.getByText('Quiet Corner').first().waitFor();
  const invite = page.locator('a[href*="oauth2/authorize"]');
  const href = new URL(await invite.first().getAttribute('href'));
  assert.equal(href.searchParams.get('guild_id'), '400000000000000002', 'the invitation names the server');
  assert.ok(Number(href.searchParams.get('permissions')) > 0);
  await assertAccessible(page);
  await shot(page, 'servers');
});

d.test('the owner says who supports and where', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/settings`);
  await page.getByLabel('Support', { exact: true }).check();
  await page.locator('[name=ticket_category]').selectOption({ label: 'Tickets' });
  await page.locator('[name=transcript_channel]').selectOption({ label: 'transcripts' });
  await page.locator('[name=log_channel]').selectOption({ label: 'support-log' });
  await save(page, 'settings-form');
  await page.goto(`${HOME}/settings`);
  assert.ok(await page.getByLabel('Support', { exact: true }).isChecked(), 'the role is kept');
  await assertAccessible(page);
});

d.test('the owner makes a panel and publishes it', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/panels`);
  await page.locator(`main form[action$="/panels"] button`).click();
  await page.waitForURL(/\/panels\/[0-9a-f-]{36}/);
  for (const [name, value] of Object.entries(PANEL)) await page.locator(`[name=${name}]`).first().fill(value);
  await page.locator('[name=panel_channel]').selectOption({ label: 'welcome' });
  await picture(page, 'panel');
  await save(page, 'panel-form');
  await page.locator('form[action$="/publish"] button:enabled').waitFor();
  await page.locator('form[action$="/publish"] button').click();
  const found = await discord.wait('message', { guild: GUILD, channel: 'welcome', author: '900000000000000001' }).catch(async (error) => {
    throw new Error(`the panel did not appear in Discord: ${error.message}`);
  });
  story.panel = found.message ?? found;
  assert.ok(JSON.stringify(story.panel).includes('Need a hand?'));
  await assertAccessible(page);
});

d.test('a member opens a ticket, staff claim it, both write', async ({ discord }) => {
  const [mia, sam] = [await discord.person('mia'), await discord.person('sam')];
  const button = story.panel.components.flatMap((row) => row.components).find((c) => c.custom_id.startsWith('wd:open:'));
  const pressed = await mia.press(story.panel, button.custom_id);
  assert.equal(pressed.state, 'modal', JSON.stringify(pressed));
  await mia.fill(pressed, { q0: 'The lamp went out', q1: 'A lantern' });
  const found = await discord.wait('channel', { guild: GUILD, channel: '*0001*' }).catch(() => discord.wait('channel', { guild: GUILD, channel: 'ticket-*' }));
  story.channel = found.channel ?? found;
  const welcome = await discord.wait('message', { channel: story.channel.id, text: 'Somebody will be with you' });
  const first = welcome.message ?? welcome;
  const claim = first.components.flatMap((row) => row.components).find((c) => c.custom_id?.startsWith('wd:claim:'));
  const claimed = await sam.press(first, claim.custom_id);
  assert.notEqual(claimed.state, 'failed', JSON.stringify(claimed));
  await mia.send(story.channel.id, 'It **really** is dark. <script>globalThis.__xss=1</script>');
  const { File } = await import('node:buffer');
  await mia.send(story.channel.id, 'This is how it looks:', [new File([lighthouse()], 'lighthouse.png', { type: 'image/png' })]);
  await sam.send(story.channel.id, 'I have lit it again.');
  // A second ticket, which stays open.
  const noah = await discord.person('noah');
  await noah.fill(await noah.press(story.panel, button.custom_id), { q0: 'Where is the key?', q1: 'The door' });
  await discord.wait('message', { guild: GUILD, channel: 'ticket-*', text: 'Where is the key?' });
  story.opened = claim.custom_id.split(':')[2];
});

d.test('staff see the ticket on the dashboard', async ({ page, signIn }) => {
  await signIn(page, 'sam');
  await page.goto(`${HOME}/tickets`);
  await page.getByText('Mia').first().waitFor();
  await picture(page, 'dashboard');
  await page.goto(`${HOME}/tickets/${story.opened}`);
  await page.getByText('The lamp went out').first().waitFor();
  await assertAccessible(page);
  await shot(page, 'ticket');
  await page.goto(`${HOME}/tickets`);
  await assertAccessible(page);
});

d.test('staff close it; the channel goes, a summary comes', async ({ discord }) => {
  const sam = await discord.person('sam');
  const closed = await sam.run(story.channel.id, 'ticket close', { reason: 'Lit again' });
  assert.notEqual(closed.state, 'failed', JSON.stringify(closed));
  await discord.wait('no_channel', { channel: story.channel.id, timeout_ms: 20_000 });
  await discord.wait('message', { guild: GUILD, channel: 'transcripts', timeout_ms: 20_000 });
});

d.test('the opener reads the transcript', async ({ page, signIn }) => {
  await signIn(page, 'mia');
  const answer = await until('the transcript to be there', async () => {
    const got = await page.goto(`/transcripts/${story.opened}`);
    return got.status() === 200 && got;
  });
  assert.equal(answer.status(), 200);
  await page.getByText('I have lit it again.').first().waitFor();
  // What looks like markup is text.
  await page.getByText('<script>globalThis.__xss=1</script>').first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.__xss), undefined);
  assert.ok(await page.locator('strong', { hasText: 'really' }).count(), 'bold is bold');
  const image = page.locator('main img[src*="/files/"]').first();
  await image.scrollIntoViewIfNeeded();
  await until('the image to be drawn', () => image.evaluate((element) => element.complete && element.naturalWidth > 0));
  await assertAccessible(page);
  await picture(page, 'transcript');
});

d.test('staff and owner read it too; another member meets the same 404 as for nothing', async ({ newContext, signIn }) => {
  for (const [who, status] of [['sam', 200], ['olivia', 200], ['noah', 404]]) {
    const context = await newContext();
    const page = await context.newPage();
    await signIn(page, who);
    const answer = await page.goto(`/transcripts/${story.opened}`);
    assert.equal(answer.status(), status, who);
    if (status === 404) {
      const there = await page.locator('main').innerText();
      const nothing = await page.goto('/transcripts/00000000-0000-7000-8000-000000000000');
      assert.equal(nothing.status(), 404);
      assert.equal(await page.locator('main').innerText(), there);
    }
  }
});

for (const colorScheme of ['light', 'dark']) {
  d.test(`every page fits a phone and is accessible, ${colorScheme}`, { context: { viewport: PHONE, colorScheme } }, async ({ page, signIn }) => {
    await signIn(page, 'olivia');
    const pages = ['/servers', HOME, `${HOME}/settings`, `${HOME}/panels`, `${HOME}/tickets`, `${HOME}/tickets/${story.opened}`, `${HOME}/audit`, `/transcripts`, `/transcripts/${story.opened}`, '/account', '/status'];
    for (const path of pages) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      await assertFitsWidth(page);
      await assertAccessible(page);
      await shot(page, `phone-${colorScheme}${path.replace(GUILD, 'g').replace(story.opened, 't').replaceAll('/', '-')}`);
    }
  });
}

d.test('every page reads without JavaScript', { context: { javaScriptEnabled: false } }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  for (const path of ['/servers', HOME, `${HOME}/settings`, `${HOME}/panels`, `${HOME}/tickets`, `${HOME}/tickets/${story.opened}`, `${HOME}/audit`, `/transcripts/${story.opened}`, '/account', '/status']) {
    const answer = await page.goto(path);
    assert.equal(answer.status(), 200, path);
    assert.ok(await page.getByRole('heading', { level: 1 }).first().isVisible(), `${path} has a heading`);
  }
});
