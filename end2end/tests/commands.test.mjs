// Every slash command, and every answer to one that is refused, as a person in Discord reads it.
import assert from 'node:assert/strict';
import { choose } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';

const HOME = '/servers/400000000000000001';
const SUPPORT = '410000000000000001';
const WELCOME = '420000000000000002';
const GENERAL = '420000000000000003';
const BOT = '900000000000000001';

const d = desk('commands');
const story = {};

/** Runs a command and gives what its author alone reads, once that is complete. */
async function told(discord, person, channel, command, options = {}) {
  const { id } = await person.run(channel, command, options);
  const { message } = await discord.wait('interaction', { id, state: 'answered' });
  assert.ok(message.flags & 64, 'others see it too');
  return message.content;
}

/** Sends a form of the page as it stands and waits for where it leads. */
async function submit(page, form) {
  const arrived = page.waitForEvent('load');
  await page.locator(form).evaluate((element) => element.requestSubmit());
  await arrived;
  assert.match(page.url(), /done=/, `${form} was refused`);
}

d.test('a desk with one panel', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/settings`);
  await page.locator(`[name=support_roles][value="${SUPPORT}"]`).check();
  await submit(page, '#settings-form');
  await page.goto(`${HOME}/panels`);
  await submit(page, 'main form[action$="/panels"]');
  await page.locator('[name=panel_name]').fill('Help desk');
  await page.locator('[name=panel_title]').fill('Need a hand?');
  await choose(page, 'Channel', 'welcome');
  story.path = new URL(page.url()).pathname;
  await submit(page, '#panel-form');
  await submit(page, 'form[action$="/publish"]');
  await discord.wait('message', { channel: WELCOME, author: BOT, text: 'Need a hand?' });
  for (const name of ['olivia', 'sam', 'mia', 'noah']) story[name] = await discord.person(name);
});

d.test('a member opens a ticket by command, one at a time', async ({ discord }) => {
  const { mia } = story;
  const opened = await told(discord, mia, GENERAL, 'ticket open');
  story.channel = /<#(\d+)>/.exec(opened)?.[1];
  assert.ok(story.channel, opened);
  assert.equal(await told(discord, mia, GENERAL, 'ticket open'), `You already have an open ticket: <#${story.channel}>`);
});

d.test('staff claim, give back, let in and show out; others are told why not', async ({ discord }) => {
  const { olivia, sam, mia, noah, channel } = story;
  const run = (person, command, options) => told(discord, person, channel, command, options);
  assert.equal(await told(discord, sam, GENERAL, 'ticket claim'), 'This channel is not a ticket.');
  assert.equal(await run(mia, 'ticket claim'), 'Only the support team can do this.');
  assert.equal(await run(sam, 'ticket claim'), 'Done.');
  assert.equal(await run(sam, 'ticket claim'), 'That is already so.');
  assert.equal(await run(olivia, 'ticket claim'), `<@${sam.id}> has claimed this ticket already.`);
  assert.equal(await run(mia, 'ticket unclaim'), 'Only the support team can do this.');
  assert.equal(await run(sam, 'ticket unclaim'), 'Done.');
  assert.equal(await run(mia, 'ticket add', { member: noah.id }), 'Only the support team can do this.');
  assert.equal(await run(sam, 'ticket add', { member: noah.id }), 'Done.');
  assert.equal(await run(sam, 'ticket add', { member: noah.id }), 'That is already so.');
  await discord.wait('message', { channel, text: `<@${noah.id}> was added by <@${sam.id}>` });
  assert.equal(await run(noah, 'ticket close'), 'Only the person who opened the ticket and the support team can do this.');
  assert.equal(await run(sam, 'ticket remove', { member: noah.id }), 'Done.');
  assert.equal(await run(sam, 'ticket remove', { member: mia.id }), 'The person who opened the ticket and the support team cannot be removed.');
});

d.test('each reads their own language', async ({ discord }) => {
  const { noah } = story;
  await discord.call('PATCH', `/control/people/${noah.id}`, { locale: 'de' });
  assert.equal(await told(discord, noah, GENERAL, 'ticket claim'), 'Dieser Kanal ist kein Ticket.');
  await discord.call('PATCH', `/control/people/${noah.id}`, { locale: 'en-GB' });
  assert.equal(await told(discord, noah, GENERAL, 'ticket claim'), 'This channel is not a ticket.');
});

d.test('somebody who is not on the server cannot be let in', async ({ discord }) => {
  const stranger = await discord.post('/control/people', { username: 'stranger', global_name: 'Stranger', guilds: [] });
  const said = await told(discord, story.sam, story.channel, 'ticket add', { member: stranger.id });
  assert.equal(said, 'This person is not on the server.');
});

d.test('the opener closes, with a reason', async ({ discord }) => {
  const { mia, channel } = story;
  assert.equal(await told(discord, mia, channel, 'ticket close', { reason: 'Found it' }), 'Done.');
  await discord.wait('no_channel', { channel, timeout_ms: 20_000 });
  await discord.wait('message', { person: 'mia', text: 'Found it', timeout_ms: 20_000 });
});

d.test('without panels there is nothing to open', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await page.goto(story.path);
  await submit(page, 'form[action$="/remove"]');
  const said = await told(discord, story.mia, GENERAL, 'ticket open');
  assert.equal(said, 'There is nothing to open a ticket for on this server yet.');
});
