// What can be chosen, while it changes in Discord: servers, roles, channels.
import assert from 'node:assert/strict';
import { choose, chosen } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';

const HARBOUR_LIGHTS = '400000000000000001';
const QUIET_CORNER = '400000000000000002';
const SUPPORT = '410000000000000001';
const BOT_ROLE = '410000000000000003';
const TRANSCRIPTS = '420000000000000005';
const SUPPORT_LOG = '420000000000000006';
const VIEW_CHANNEL = String(1 << 10);

const d = desk('picker');

d.test('the list notices when the bot arrives on a server', async ({ page, context, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto('/servers');
  const card = page.locator('.tile', { hasText: 'Quiet Corner' });
  const invite = new URL(await card.getByRole('link').getAttribute('href'));
  assert.equal(invite.searchParams.get('guild_id'), QUIET_CORNER);
  // The owner follows the link, in another tab, and comes back: the link still has the focus.
  const other = context.waitForEvent('page');
  await card.getByRole('link').click();
  await (await other).close();
  assert.ok(await card.getByRole('link').evaluate((link) => link === document.activeElement));
  const permissions = invite.searchParams.get('permissions');
  await discord.call('PUT', `/control/guilds/${QUIET_CORNER}/bot`, { permissions });
  await card.locator(`a[href="/servers/${QUIET_CORNER}"]`).waitFor({ timeout: 30_000 });
  await card.getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: 'Quiet Corner' }).waitFor();
});

d.test('what is deleted or out of reach is flagged where it was chosen', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  const settings = `/servers/${HARBOUR_LIGHTS}/settings`;
  await page.goto(settings);
  await page.getByRole('group', { name: 'Support roles' }).getByLabel('Support', { exact: true }).check();
  await choose(page, 'Channel for closed tickets', 'transcripts');
  await choose(page, 'Channel for notices', 'support-log');
  await page.locator('#settings-form').evaluate((form) => form.requestSubmit());
  await page.waitForURL(/done=saved/);

  await discord.call('DELETE', `/control/guilds/${HARBOUR_LIGHTS}/roles/${SUPPORT}`);
  await discord.call('DELETE', `/control/channels/${TRANSCRIPTS}`);
  await discord.call('PUT', `/control/channels/${SUPPORT_LOG}/overwrites/${BOT_ROLE}`, { type: 0, allow: '0', deny: VIEW_CHANNEL });
  await until('the page to know', async () => {
    await page.goto(settings);
    return /no access/.test(await chosen(page, 'Channel for notices'));
  });
  assert.equal(await chosen(page, 'Channel for closed tickets'), `${TRANSCRIPTS} (deleted)`);
  // The list says it of every channel, chosen or not.
  const field = page.getByRole('combobox', { name: 'Channel for closed tickets' });
  await field.fill('no access');
  assert.deepEqual(await page.getByRole('listbox').getByRole('option').allInnerTexts(), ['support-log (the bot has no access)']);
  const role = page.locator('.choice', { has: page.locator(`input[value="${SUPPORT}"]`) });
  assert.match(await role.innerText(), /deleted/);
  assert.ok(await role.getByRole('checkbox').isChecked(), 'what was chosen stays chosen until it is taken out');
});
