// The sandbox's chat page, used as a person without a Discord account would use it: everything in Discord
// happens by hand on the page, and Wardesk answers.
import assert from 'node:assert/strict';
import { PHONE, assertAccessible, assertFitsWidth, choose, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';

const d = desk('chat');

/** Opens the chat page and acts as one of the four people. */
async function chat(page, discord, who) {
  await page.goto(discord.url);
  await page.locator('.person-button').click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${who}`) }).click();
  await page.locator('.person-button').filter({ hasText: who }).waitFor();
}

const channel = (page, name) => page.locator('#channels').getByRole('link', { name }).or(page.locator('#channels').getByRole('button', { name })).first();
const composer = (page) => page.locator('#composer-input');

/** The owner sets up one panel on the dashboard and publishes it. */
async function panel(page, signIn) {
  await signIn(page, 'olivia');
  await page.goto('/servers/400000000000000001/settings');
  await page.getByRole('group', { name: 'Support roles' }).getByLabel('Support', { exact: true }).check();
  await choose(page, 'Category for tickets', 'Tickets');
  await page.getByRole('button', { name: 'Save changes' }).last().click();
  await page.getByRole('status').filter({ hasText: /saved/i }).first().waitFor();
  await page.goto('/servers/400000000000000001/panels');
  await page.getByRole('button', { name: 'New panel' }).click();
  await page.waitForURL(/\/panels\/[0-9a-f-]{36}/);
  await page.locator('#panel_title').fill('Need a hand?');
  await choose(page, 'Channel', 'welcome');
  await page.locator('#question_1_label').fill('What happened?');
  await page.getByRole('button', { name: 'Save changes' }).last().click();
  await page.getByRole('status').filter({ hasText: /saved/i }).first().waitFor();
  await page.getByRole('button', { name: /^Publish/ }).click();
}

d.test('a ticket from the press to the goodbye, by hand', async ({ page, newContext, signIn, discord }) => {
  await panel(page, signIn);
  const context = await newContext();
  const room = await context.newPage();
  await chat(room, discord, 'Mia');

  // The panel, its button, its form.
  const posted = room.locator('#log').getByText('Need a hand?');
  await posted.waitFor();
  await room.locator('#log .components button, #log button[data-custom-id]').first().click();
  const form = room.getByRole('dialog');
  await form.getByLabel('What happened?').fill('The lamp went out');
  await assertAccessible(room);
  await form.getByRole('button', { name: 'Submit' }).click();

  // Her channel appears, with the welcome in it.
  const own = channel(room, /ticket/);
  await own.click();
  await room.locator('#log').getByText('The lamp went out').waitFor();
  await composer(room).fill('It **really** is dark.');
  await composer(room).press('Enter');
  await room.locator('#log strong').filter({ hasText: 'really' }).waitFor();

  // A picture.
  await room.locator('#composer input[type=file]').setInputFiles({
    name: 'lighthouse.png',
    mimeType: 'image/png',
    buffer: lighthouse(),
  });
  await composer(room).fill('This is how it looks:');
  await composer(room).press('Enter');
  await room.locator('#log img[alt="lighthouse.png"], #log img[src*="lighthouse.png"]').first().waitFor();
  await shot(room, 'chat-ticket');
  await assertAccessible(room);

  // Staff: another person on the same page.
  await room.locator('.person-button').click();
  await room.getByRole('menuitemradio', { name: /^Sam/ }).click();
  await channel(room, /ticket/).click();
  await room.locator('#log').getByRole('button', { name: 'Claim' }).click();
  await room.locator('#log').getByText(/has claimed this ticket/).waitFor();
  // The slash command says what it needs.
  await composer(room).fill('/ticket clo');
  await room.getByRole('option', { name: /ticket close/ }).click();
  await room.getByLabel(/reason/).fill('Lit again');
  await room.getByRole('button', { name: 'Run', exact: true }).click();
  await channel(room, /ticket/).waitFor({ state: 'detached' });
  await channel(room, 'general').click();
  await until('the channel to be chosen', async () => /general/.test(await composer(room).getAttribute('aria-label')));
});

d.test('a person leaves a server and comes back', async ({ newContext, discord }) => {
  const context = await newContext();
  const room = await context.newPage();
  await chat(room, discord, 'Noah');
  const members = room.getByRole('complementary', { name: 'Members' });
  await members.getByRole('button', { name: /^Noah/ }).click();
  await room.getByRole('dialog').getByRole('button', { name: 'Leave the server' }).click();
  const join = room.locator('#channels').getByRole('button', { name: 'Join Harbour Lights' });
  await join.waitFor();
  await assertAccessible(room);
  await join.click();
  await channel(room, 'general').waitFor();
});

d.test('it fits a phone', async ({ newContext, discord }) => {
  const context = await newContext({ viewport: PHONE });
  const page = await context.newPage();
  await page.goto(discord.url);
  await composer(page).waitFor();
  await assertFitsWidth(page);
  await page.getByRole('button', { name: /^Servers and channels/ }).click();
  await page.locator('#channels').getByText('general').click();
  await page.locator('#room-head').getByText('general').waitFor();
  await assertFitsWidth(page);
  await shot(page, 'chat-phone');
});
