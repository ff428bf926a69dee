// Every page in every look: wide and narrow, light and dark, German. No accessibility violation, nothing
// wider than its window, every control reached by the keyboard with its focus to be seen. Makes the pictures
// of the README as well, so the example tells a story worth a look.
import { File } from 'node:buffer';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PHONE, WIDE, assertAccessible, assertFitsWidth, assertReachable, picture, searchable, shot } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { post, save } from '../lib/forms.mjs';
import { lighthouse } from '../lib/png.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, newPerson, openTicket, publish } from '../lib/seed.mjs';

// Sam, who answers for the whole installation.
const d = desk('pages', { WARDESK_OPERATORS: '200000000000000002' });
const story = {};

d.test('a server at work', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page, { time_zone: 'Europe/Berlin' });
  const help = await makePanel(page, {
    panel_name: 'Help desk',
    panel_title: 'Need a hand?',
    panel_text: 'Tell us what happened, and someone from the crew will be with you.\n\n- We answer within **a day**\n- Only you and the crew see your ticket',
    panel_button_label: 'Open a ticket',
    panel_welcome: 'Thanks for writing. Somebody will be with you soon.',
    question_1_label: 'What happened?',
    question_1_required: 'true',
    question_1_paragraph: 'true',
    question_2_label: 'Which lamp?',
    question_2_required: null,
  });
  const reports = await makePanel(page, { panel_name: 'Reports', panel_title: 'Report somebody', panel_colour: '#a9231b' });
  story.panel = help;
  const desk_ = await publish(page, help, discord, 'Need a hand?');
  const report = await publish(page, reports, discord, 'Report somebody');
  await makePanel(page, { panel_name: 'Applications', panel_title: 'Join the crew' });
  const [sam, mia, noah] = await Promise.all(['sam', 'mia', 'noah'].map((name) => discord.person(name)));
  const [ada, jonas, priya, chen] = [
    await newPerson(discord, 'ada', 'Ada Brandt'),
    await newPerson(discord, 'jonas', 'Jonas'),
    await newPerson(discord, 'priya', 'Priya N.'),
    await newPerson(discord, 'chen', 'Chen Wei'),
  ];
  const open = (person, panel, answers) => openTicket(discord, person, panel, answers);
  const act = async (ticket, fields) => {
    const answer = await post(page, `${HOME}/tickets/${ticket.id}`, fields);
    assert.match(answer.search, /done=/, JSON.stringify(answer));
  };
  const claim = (ticket) => sam.press(ticket.welcome, `wd:claim:${ticket.id}`);
  // The one whose transcript is shown.
  const lamp = await open(mia, desk_, ['The lamp on the north pier went out an hour ago.\nShips keep asking where we are.', 'The big one']);
  await claim(lamp);
  await sam.send(lamp.channel, 'On my way. Is the **backup lamp** lit?');
  const photo = await mia.send(lamp.channel, 'It is not. This is how it looked last night:', [new File([lighthouse()], 'north-pier.png', { type: 'image/png' })]);
  await sam.send(lamp.channel, { content: 'Beautiful! A fuse, I think:\n> 16 A, left of the door', message_reference: { message_id: photo.id } });
  story.photo = photo.id;
  const typo = await mia.send(lamp.channel, 'I have a spare one in the shead');
  await mia.edit(lamp.channel, typo.id, 'I have a spare one in the shed');
  await sam.send(lamp.channel, 'Lit again. `16 A` it was.');
  story.closed = lamp;
  await act(lamp, { action: 'close', reason: 'Changed the fuse of the north pier lamp.' });
  const locked = await open(noah, desk_, ['The door of the store room is locked and the key is gone.', 'None']);
  await claim(locked);
  const spam = await open(ada, report, []);
  await act(spam, { action: 'claim' });
  await act(spam, { action: 'close', reason: 'Warned.' });
  story.open = await open(jonas, desk_, ['My rank disappeared after I changed my name.', '']);
  await act(story.open, { action: 'claim' });
  await jonas.send(story.open.channel, 'It was there yesterday.');
  await act(story.open, { action: 'add', user: noah.id });
  await open(priya, report, []);
  await open(chen, desk_, ['How do I change the colour of my name?', '']);
  await open(ada, desk_, ['The event calendar shows the wrong day.', '']);
  await save(page, `${HOME}/settings`, 'settings-form', { share_links: 'true' });
  const links = `/transcripts/${lamp.id}/links`;
  for (const link of ['0193b3c4-5d6e-7f80-9123-456789abcdef', '0193b3c4-5d6e-7f80-9123-456789abcdf0']) {
    await post(page, links, { action: 'create', link, for: link.endsWith('0') ? 'people' : 'anybody', people: `<@${noah.id}>`, time: '30' });
  }
  await page.goto(links);
  const shared = await page.getByLabel('Address of the link').evaluateAll((all) => all.map((one) => one.value));
  story.shared = new URL(shared.find((one) => !one.includes('0193b3c4'))).pathname;
  await until('the transcripts to be stored', async () => {
    await page.goto(`${HOME}/tickets?state=closed`);
    return (await page.locator('tbody tr').count()) === 2;
  });
});

/** Every page: a name for its picture, its path, and who sees it (nobody: signed out). */
const pages = () => [
  ['start', '/', null],
  ['start-problem', '/?problem=refused', null],
  ['status', '/status', null],
  ['privacy', '/privacy', null],
  ['terms', '/terms', null],
  ['documents', '/privacy/changes', null],
  ['processors', '/privacy/processors', null],
  ['not-found', '/no-such-page', null, 404],
  ['shared', story.shared, null],
  ['shared-unknown', `/shared/${'A'.repeat(43)}`, null, 404],
  ['servers', '/servers', 'olivia'],
  ['servers-none', '/servers?q=nothing+like+it', 'olivia'],
  ['overview', HOME, 'olivia'],
  ['settings', `${HOME}/settings`, 'olivia'],
  ['settings-refused', story.refusal(), 'olivia'],
  ['panels', `${HOME}/panels`, 'olivia'],
  ['panel', story.panel, 'olivia'],
  ['tickets', `${HOME}/tickets`, 'olivia'],
  ['tickets-none', `${HOME}/tickets?state=failed`, 'olivia'],
  ['ticket', `${HOME}/tickets/${story.open.id}`, 'olivia'],
  ['ticket-found', `${HOME}/tickets/${story.open.id}?who=a`, 'olivia'],
  ['ticket-closed', `${HOME}/tickets/${story.closed.id}`, 'olivia'],
  ['audit', `${HOME}/audit`, 'olivia'],
  ['held', `${HOME}/held`, 'olivia'],
  ['search', `${HOME}/search?q=lamp`, 'olivia'],
  ['plan', `${HOME}/subscription`, 'olivia'],
  ['licences-none', '/account/licences', 'olivia'],
  ['account', '/account', 'olivia'],
  ['transcripts-none', '/transcripts', 'olivia'],
  ['transcript', `/transcripts/${story.closed.id}`, 'olivia'],
  ['export', `/transcripts/${story.closed.id}/export`, 'olivia'],
  ['redact', `/transcripts/${story.closed.id}/redact`, 'olivia'],
  ['redact-message', `/transcripts/${story.closed.id}/redact?message=${story.photo}`, 'olivia'],
  ['links', `/transcripts/${story.closed.id}/links`, 'olivia'],
  ['transcript-open', `/transcripts/${story.open.id}`, 'olivia'],
  ['own-data', '/account/privacy', 'olivia'],
  ['erase', '/account/privacy/erase', 'olivia'],
  ['request', '/privacy/request', 'olivia'],
  ['requests', `${HOME}/privacy`, 'olivia'],
  ['not-found-signed-in', `${HOME}/tickets/no-such-ticket`, 'olivia', 404],
  ['operator-licences', '/operator/licences', 'sam'],
  ['operator-requests', '/operator/privacy', 'sam'],
  ['disclosures', '/operator/disclosures', 'sam'],
];

/** Pages that need more than a server at work, and the tests that look at them. */
const ELSEWHERE = {
  design: 'design',
  'privacy/versions/:version': 'documents',
  'terms/versions/:version': 'documents',
  'privacy/requests/:token': 'requests',
  'account/requests/:request': 'requests',
  'operator/privacy/:request': 'requests',
  'operator/licences/:licence': 'licences',
  donate: 'donations',
  'donate/thanks/:donation': 'donations',
  'servers/:guild/subscription/change': 'subscriptions',
};

d.test('no page is left out', async () => {
  const routes = readFileSync(new URL('../../app/src/pages/mod.rs', import.meta.url), 'utf8');
  const all = [...routes.matchAll(/path!\("([^"]*)"\)/g)].map((found) => found[1]);
  assert.ok(all.length > 40);
  story.refusal = () => `${HOME}/settings`;
  const paths = pages().map(([, path]) => path.split('?')[0].slice(1));
  for (const route of all) {
    if (ELSEWHERE[route]) {
      const other = readFileSync(new URL(`${ELSEWHERE[route]}.test.mjs`, import.meta.url), 'utf8');
      assert.match(other, /assertAccessible\(/, `${ELSEWHERE[route]} looks at its pages`);
      continue;
    }
    const form = new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`);
    assert.ok(paths.some((path) => form.test(path)), `/${route} is not among the pages`);
  }
});

/** Opens every page, signing in when the first that needs it comes. */
async function eachPage(page, signIn, look) {
  let who = null;
  story.refusal = () => `${HOME}/settings`;
  for (const [name] of pages()) {
    const [, path, person, status = 200] = pages().find(([other]) => other === name);
    if (person && who !== person) {
      // Whoever is signed in is not asked to.
      await page.context().clearCookies();
      await signIn(page, person);
      who = person;
      if (person === 'olivia') {
        // A refused form shows once.
        const back = await post(page, `${HOME}/settings`, { revision: 1, time_zone: 'Nowhere', ticket_category: '1', support_roles: '7' });
        story.refusal = () => back.path + back.search;
      }
    }
    const answer = await page.goto(path);
    assert.equal(answer.status(), status, path);
    assert.ok(await page.getByRole('heading', { level: 1 }).first().isVisible(), `${path} has a heading`);
    await searchable(page);
    await look(name, path);
  }
}

for (const [width, viewport] of [['phone', PHONE], ['wide', WIDE]]) {
  for (const colorScheme of ['light', 'dark']) {
    d.test(`${width}, ${colorScheme}`, { context: { viewport, colorScheme }, timeout: 240_000 }, async ({ page, signIn }) => {
      await eachPage(page, signIn, async (name, path) => {
        await assertFitsWidth(page);
        await assertAccessible(page);
        await shot(page, `${width}-${colorScheme}-${name}`);
        if (name !== 'audit' && name !== 'panel') return;
        // What is folded away must hold as well.
        await page.evaluate(() => document.querySelectorAll('main details').forEach((one) => (one.open = true)));
        await assertFitsWidth(page);
        await assertAccessible(page);
        await shot(page, `${width}-${colorScheme}-${name}-unfolded`);
        assert.ok(path);
      });
    });
  }
}

d.test('in German, at the width of most phones', { context: { viewport: { width: 390, height: 844 }, locale: 'de-DE' }, timeout: 240_000 }, async ({ page, signIn }) => {
  await eachPage(page, signIn, async (name) => {
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await assertFitsWidth(page);
    await assertAccessible(page);
    // Words of the frame that every page has, and that German does not.
    const text = await page.locator('body').innerText();
    assert.doesNotMatch(text, /\b(Sign in|Save changes|Your account|Opened by|Claimed by)\b/, name);
    await shot(page, `german-${name}`);
  });
});

d.test('every control is reached by the keyboard and shows its focus', { timeout: 240_000 }, async ({ page, signIn }) => {
  await eachPage(page, signIn, (name) => assertReachable(page, name));
});

d.test('the pictures of the README', { context: { viewport: { width: 1280, height: 860 } } }, async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  await page.goto(HOME);
  await page.locator('tbody tr').nth(4).waitFor();
  await picture(page, 'dashboard');
  await page.goto(`/transcripts/${story.closed.id}`);
  const image = page.locator('main img[src*="/files/"]').first();
  await image.scrollIntoViewIfNeeded();
  await until('the image to be drawn', () => image.evaluate((element) => element.complete && element.naturalWidth > 0));
  await picture(page, 'transcript');
  await page.goto(story.panel);
  await picture(page, 'panel');
});
