// Everything that a person can fill here or that names something in Discord, filled with markup and scripts: on every
// page it is shown as text and runs nowhere. The content security policy is the witness: it is silent, and a planted
// violation is seen. What messages hold is in hostile-messages.test.mjs.
import assert from 'node:assert/strict';
import { searchable, seesPlantedViolation } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post, save } from '../lib/forms.mjs';
import { PAYLOADS, bundlesUpTo, foreignMarkup, payloadsUpTo, readable, trap } from '../lib/payloads.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

const d = desk('hostile');
const story = { tickets: [] };

/** The payloads of a field, for the nth use of it: never fewer than one, all of them over many uses. */
const nth = (all, index) => all[index % all.length];

// What a field holds at most, in Discord or here. Long ones hold many payloads at once, all of them over few uses.
const TEXT = bundlesUpTo(1800);
const ANSWER = bundlesUpTo(900);
const REASON = ANSWER;
const LINE = payloadsUpTo(100);
const PANEL_NAME = payloadsUpTo(60);
const BUTTON = payloadsUpTo(80);
const QUESTION = payloadsUpTo(45);
/** Each opens a ticket, with a payload of its own for a name and an answer; the long fields hold all of them in all. */
const PEOPLE = ANSWER.length;
/** Every so manieth, of all kinds. */
const some = (all, count) => all.filter((_, index) => index % Math.ceil(all.length / count) === 0);
const NAME = some(LINE, 70);
/** For what costs a page each. */
const FEW = some(LINE, 8);

/** Opens a page and sees that nothing on it ran or became markup, and that `texts` can be read. */
async function shows(page, ran, path, texts) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200, path);
  assert.deepEqual(await foreignMarkup(page), [], path);
  const all = await readable(page);
  const lost = texts.filter((text) => !all.includes(text.trim()));
  assert.deepEqual(lost, [], `not shown as text on ${path}`);
  page.context().watch.assertClean();
  assert.deepEqual(ran, []);
}

d.test('there are enough payloads, and the witness sees', async ({ page, context }) => {
  assert.ok(PAYLOADS.length >= 500 && LINE.length >= 450 && PANEL_NAME.length >= 450 && QUESTION.length >= 300, 'at least 500');
  assert.ok(new Set(TEXT.join('\n').split('\n')).size >= 450, 'the long fields hold them all');
  const ran = await trap(context);
  const trapped = await context.newPage();
  await trapped.goto('/');
  await seesPlantedViolation(trapped);
  await trapped.evaluate(() => {
    globalThis.__xss = 1;
  });
  await until('the trap to tell', () => ran.length === 1);
  await trapped.evaluate(() => document.body.append(Object.assign(document.createElement('a'), { href: 'javascript:1' })));
  assert.equal((await foreignMarkup(trapped)).length, 1);
  await page.goto('/');
  assert.deepEqual(await foreignMarkup(page), []);
});

d.test('a panel: its name, title, text, button, welcome, questions and hints', { timeout: 300_000 }, async ({ context, signIn }) => {
  const ran = await trap(context);
  const page = await context.newPage();
  await signIn(page, 'olivia');
  await configure(page);
  const path = await makePanel(page, { panel_name: 'Hostile' });
  for (let round = 0; round < TEXT.length; round += 1) {
    const fields = {
      panel_name: nth(PANEL_NAME, round * 13),
      panel_title: nth(LINE, round * 13 + 1),
      panel_text: nth(TEXT, round),
      panel_button_label: nth(BUTTON, round * 13 + 2),
      panel_welcome: nth(TEXT, round + 1),
    };
    for (let question = 1; question <= 5; question += 1) {
      fields[`question_${question}_label`] = nth(QUESTION, round * 13 + 2 + question);
      fields[`question_${question}_placeholder`] = nth(LINE, round * 13 + 7 + question);
    }
    await save(page, path, 'panel-form', fields);
    // The browser's own fields turn CR LF and such into what they are; compare what was kept.
    await shows(page, ran, path, Object.values(fields));
    if (round % 8 === 0) {
      await shows(page, ran, `${HOME}/panels`, [fields.panel_name]);
      await shows(page, ran, `${HOME}/audit`, [fields.panel_name, fields.panel_title]);
    }
  }
});

d.test('a refused form, with all its fields', async ({ context, signIn }) => {
  const ran = await trap(context);
  const page = await context.newPage();
  await signIn(page, 'olivia');
  for (const text of FEW) {
    const back = await post(page, `${HOME}/settings`, { revision: '1', time_zone: text, support_roles: text, log_channel: text });
    assert.match(back.search, /draft=/);
    await shows(page, ran, back.path + back.search, []);
    const again = await post(page, `${HOME}/settings`, { revision: '1', time_zone: text });
    await shows(page, ran, again.path + again.search, [text]);
  }
  // Addresses carry codes, never words.
  for (const text of FEW) {
    const given = encodeURIComponent(text);
    await shows(page, ran, `/servers?q=${given}&done=${given}&problem=${given}`, []);
    await shows(page, ran, `${HOME}/tickets?state=${given}&panel=${given}&opener=${given}&staff=${given}&after=${given}`, []);
  }
});

d.test('people, their answers, and the reasons for closing', { timeout: 300_000 }, async ({ context, signIn, discord }) => {
  const ran = await trap(context);
  const page = await context.newPage();
  await discord.call('PATCH', '/control/settings', { limits: 'off' });
  await signIn(page, 'olivia');
  const panel = await makePanel(page, {
    panel_name: '<b>Help</b>',
    panel_title: 'Help & <i>more</i>',
    panel_welcome: '<script>globalThis.__xss=1</script>',
    question_1_label: '<img src=x onerror=__xss=1>',
    question_1_required: 'true',
    question_2_label: 'Second',
    question_2_paragraph: 'true',
  });
  const message = await publish(page, panel, discord, 'Help & <i>more</i>');
  for (let index = 0; index < PEOPLE; index += 1) {
    const name = nth(LINE, index * 7);
    const person = await newPerson(discord, `guest_${index}`, name);
    const answers = [nth(LINE, index * 7 + 3), nth(ANSWER, index)];
    const ticket = await openTicket(discord, person, message, answers);
    story.tickets.push({ ...ticket, name, answers, reason: nth(REASON, index) });
    // One stays open for the messages below; the others would fill the category.
    if (index === 0) continue;
    const closed = await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close', reason: story.tickets[index].reason });
    assert.match(closed.search, /done=close/);
  }
  // Their names in the search for somebody to let in, and what was searched for.
  const open = `${HOME}/tickets/${story.tickets[0].id}`;
  for (let round = 1; round <= 6; round += 1) await shows(page, ran, `${open}?who=guest_${round}`, []);
  assert.ok((await page.locator('.found').count()) > 0, 'nobody was found');
  for (const text of FEW) await shows(page, ran, `${open}?${new URLSearchParams({ who: text })}`, [[...text.trim()].slice(0, 64).join('')]);
  for (const ticket of story.tickets.slice(1)) {
    await shows(page, ran, `${HOME}/tickets/${ticket.id}`, [ticket.name, ...ticket.answers, ticket.reason].map((text) => text.replaceAll('\r', '')));
  }
  // 50 of a page, with the people of its filters.
  await shows(page, ran, `${HOME}/tickets`, story.tickets.slice(-40).map((ticket) => ticket.name));
  await shows(page, ran, HOME, [story.tickets[0].name]);
  const last = story.tickets.at(-1);
  await until('the transcript to be stored', async () => (await page.goto(`/transcripts/${last.id}`)).status() === 200);
  await shows(page, ran, `/transcripts/${last.id}`, [last.name]);
});

// Last, since a hundred roles and channels make every form long.
d.test('names of servers', async ({ page, context, signIn, discord }) => {
  const ran = await trap(context);
  const names = [];
  for (const name of NAME) {
    const guild = await discord.post('/control/guilds', { name, owner: 'olivia' });
    names.push(guild.name);
  }
  assert.ok(names.length >= 60);
  page = await context.newPage();
  await signIn(page, 'olivia');
  await shows(page, ran, '/servers', names);
  // The name of a server at work stands in the head of its pages, and in their titles.
  for (const name of ['</title><script>globalThis.__xss=1</script>', '"><img src=x onerror=__xss=1>']) {
    await discord.call('PATCH', `/control/guilds/${GUILD}`, { name });
    await until('the new name to arrive', async () => (await page.goto(HOME)) && (await page.title()).includes(name));
    await shows(page, ran, HOME, [name]);
    await shows(page, ran, `${HOME}/settings`, [name]);
  }
});

d.test('names of roles, channels and categories', async ({ context, signIn, discord }) => {
  const ran = await trap(context);
  const page = await context.newPage();
  const names = [];
  for (const name of NAME) {
    const role = await discord.post(`/control/guilds/${GUILD}/roles`, { name });
    const category = await discord.post(`/control/guilds/${GUILD}/channels`, { name, type: 4 });
    const channel = await discord.post(`/control/guilds/${GUILD}/channels`, { name, type: 0, parent_id: category.id });
    names.push(role.name, category.name, channel.name);
  }
  await signIn(page, 'olivia');
  await shows(page, ran, `${HOME}/settings`, names);
  const path = await makePanel(page, { panel_name: 'Names' });
  await shows(page, ran, path, names);
  // The list that scripts make of them.
  await searchable(page);
  await page.getByRole('combobox', { name: 'Channel', exact: true }).click();
  assert.ok((await page.getByRole('listbox').getByRole('option').count()) > NAME.length);
  assert.deepEqual(await foreignMarkup(page), []);
  context.watch.assertClean();
  assert.deepEqual(ran, []);
  await post(page, `${path}/remove`);
});
