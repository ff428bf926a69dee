// Staff set a ticket's priority and move it to another panel, on its page and by command: its channel, who sees it
// and who reads it follow, and what must not be is refused in words.
import assert from 'node:assert/strict';
import { assertAccessible } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { BOT_ROLE, GUILD, HOME, SUPPORT_LOG, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

// What the invitation asks for, and the part of it that a move needs.
const INVITE = 268_823_568;
const MANAGE_ROLES = 1 << 28;

const d = desk('moving');
const story = {};

/** Whether a person sees a channel. */
const sees = (person, channel) =>
  person.messages(channel).then(
    () => true,
    () => false,
  );

/** Runs a command and gives what its author alone reads. */
async function told(discord, person, channel, command, options = {}) {
  const { id } = await person.run(channel, command, options);
  const { message } = await discord.wait('interaction', { id, state: 'answered' });
  assert.ok(message.flags & 64, 'others see it too');
  return message.content;
}

/** Presses a button and waits for the page that its form leads to. */
async function submit(page, locator) {
  const loaded = page.waitForEvent('load');
  await locator.click();
  await loaded;
}

d.test('two panels, each with staff of its own', async ({ page, signIn, discord }) => {
  const role = await discord.post(`/control/guilds/${GUILD}/roles`, { name: 'Crew' });
  const cleo = await newPerson(discord, 'cleo', 'Cleo');
  await discord.call('PUT', `/control/guilds/${GUILD}/members/${cleo.id}/roles/${role.id}`);
  await signIn(page, 'olivia');
  await configure(page);
  story.help = await makePanel(page, { panel_name: 'Help desk', panel_title: 'Need a hand?', question_1_required: null });
  story.crew = await makePanel(page, { panel_name: 'Crew', panel_title: 'Ask the crew', question_1_required: null, panel_support_roles: role.id });
  const help = await publish(page, story.help, discord, 'Need a hand?');
  const crew = await publish(page, story.crew, discord, 'Ask the crew');
  for (const name of ['olivia', 'sam', 'mia', 'noah', 'cleo']) story[name] = await discord.person(name);
  story.first = await openTicket(discord, story.mia, help);
  story.second = await openTicket(discord, story.noah, help);
  story.other = await openTicket(discord, story.noah, crew);
});

for (const javaScriptEnabled of [false, true]) {
  const context = { javaScriptEnabled };
  const with_ = javaScriptEnabled ? 'with scripts' : 'without scripts';

  d.test(`a ticket moves on its page, ${with_}`, { context }, async ({ page, signIn, discord }) => {
    const { first, sam, mia, cleo } = story;
    await signIn(page, 'sam');
    await page.goto(`${HOME}/tickets/${first.id}`);
    if (javaScriptEnabled) await assertAccessible(page);
    await submit(page, page.getByRole('button', { name: 'Claim', exact: true }));
    await page.getByLabel('Move to the panel').selectOption({ label: 'Crew' });
    await submit(page, page.getByRole('button', { name: 'Move', exact: true }));
    // Sam is not of the crew: the ticket is not theirs to see any more.
    await page.waitForURL(/\/tickets\?done=move/);
    await page.getByText('The ticket is being moved.').waitFor();
    await until('the channel to follow', async () => (await sees(cleo, first.channel)) && !(await sees(sam, first.channel)));
    await discord.wait('message', { channel: first.channel, text: 'from “Help desk” to “Crew”' });
    assert.equal((await page.goto(`${HOME}/tickets/${first.id}`)).status(), 404);
    assert.equal((await page.goto(`/transcripts/${first.id}`)).status(), 404);
    assert.ok(!(await sees(sam, first.channel)), 'the old staff see the channel');
    assert.ok((await sees(cleo, first.channel)) && (await sees(mia, first.channel)));
    // Its new staff move it back; its opener watches.
    await page.context().clearCookies();
    await signIn(page, 'cleo');
    await page.goto(`${HOME}/tickets/${first.id}`);
    await page.getByText('Sam moved it from Help desk to Crew').first().waitFor();
    await page.getByRole('button', { name: 'Claim', exact: true }).waitFor();
    await page.getByLabel('Move to the panel').selectOption({ label: 'Help desk' });
    await submit(page, page.getByRole('button', { name: 'Move', exact: true }));
    await until('the channel to follow', async () => (await sees(sam, first.channel)) && !(await sees(cleo, first.channel)));
    await discord.wait('message', { channel: first.channel, text: 'from “Crew” to “Help desk”' });
  });

  d.test(`what is refused says why, ${with_}`, { context }, async ({ page, signIn }) => {
    await signIn(page, 'sam');
    await page.goto(`${HOME}/tickets/${story.second.id}`);
    await page.getByLabel('Move to the panel').selectOption({ label: 'Crew' });
    await submit(page, page.getByRole('button', { name: 'Move', exact: true }));
    await page.getByText('already has an open one of that panel').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Ticket 2' }).waitFor();
    assert.equal((await post(page, `${HOME}/tickets/${story.second.id}`, { action: 'move', panel: 'x' })).search, '?problem=move_panel_gone');
    assert.equal((await post(page, `${HOME}/tickets/${story.second.id}`, { action: 'priority', priority: 'very' })).status, 422);
  });
}

d.test('commands set the priority and move; others are told why not', async ({ discord }) => {
  const { sam, mia, noah, cleo, first, second } = story;
  const level = (value) => ({ level: value });
  assert.equal(await told(discord, mia, first.channel, 'ticket priority', level('high')), 'Only the support team can do this.');
  assert.equal(await told(discord, sam, first.channel, 'ticket priority', level('high')), 'Done.');
  assert.equal(await told(discord, sam, first.channel, 'ticket priority', level('high')), 'That is already so.');
  await discord.wait('message', { channel: first.channel, text: "has set this ticket's priority to high" });
  const to = (panel) => ({ panel });
  assert.equal(await told(discord, mia, first.channel, 'ticket move', to('Crew')), 'Only the support team can do this.');
  assert.equal(await told(discord, sam, first.channel, 'ticket move', to('Kitchen')), 'There is no panel of this name. Choose one of those that are suggested.');
  assert.equal(await told(discord, sam, first.channel, 'ticket move', to('Help desk')), 'That is already so.');
  assert.equal(
    await told(discord, sam, second.channel, 'ticket move', to('Crew')),
    `Whoever opened this ticket already has an open one of that panel: <#${story.other.channel}>`,
  );
  assert.equal(await told(discord, sam, first.channel, 'ticket move', to('crew')), 'Done.');
  await until('the channel to follow', async () => (await sees(cleo, first.channel)) && !(await sees(sam, first.channel)));
  assert.equal(await told(discord, noah, '420000000000000003', 'ticket move', to('Crew')), 'This channel is not a ticket.');
});

d.test('a bot that may not change who sees it leaves it where it is, and staff are told how to mend it', async ({ page, signIn, discord }) => {
  const { cleo, first } = story;
  const said = async () => (await discord.get(`/control/channels/${SUPPORT_LOG}/messages`)).length;
  const before = await said();
  const grant = (permissions) => discord.call('PATCH', `/control/guilds/${GUILD}/roles/${BOT_ROLE}`, { permissions: String(permissions) });
  await grant(INVITE & ~MANAGE_ROLES);
  await until('the product to know', async () => {
    const answer = await told(discord, cleo, first.channel, 'ticket move', { panel: 'Help desk' });
    if (answer === 'Done.') throw new Error('it was moved');
    return answer.startsWith('The bot may not change who sees this channel');
  });
  assert.ok(await sees(cleo, first.channel), 'it is where it was');
  await grant(INVITE);
  await until('staff to be told', async () => (await said()) > before);
  await signIn(page, 'olivia');
  await page.goto(HOME);
  await page.getByText('could not be moved to “Help desk”').waitFor();
  // Mended, it works, and the alert goes.
  await until('the bot to be trusted again', async () => (await told(discord, cleo, first.channel, 'ticket move', { panel: 'Help desk' })) === 'Done.');
  await until('the alert to go', async () => {
    await page.goto(HOME);
    return (await page.getByText('could not be moved to').count()) === 0;
  });
});

d.test('the audit log tells of both, with before and after', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(`${HOME}/audit`);
  for (const what of ['Moved ticket 1 from Help desk to Crew', 'Moved ticket 1 from Crew to Help desk', 'Set the priority of ticket 1: normal, now high']) {
    assert.ok(await page.getByText(what, { exact: true }).count(), what);
  }
});
