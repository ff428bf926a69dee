// Transcripts are shared by links: for whoever has one, and for named people. Told with JavaScript and without.
import assert from 'node:assert/strict';
import { assertAccessible, assertFitsWidth } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { formValues, post, save } from '../lib/forms.mjs';
import { until } from '../lib/processes.mjs';
import { HOME, configure, makePanel, openTicket, publish } from '../lib/seed.mjs';

const d = desk('sharing');
const story = {};
// The smallest PNG there is.
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

d.test('two closed tickets with a picture', async ({ page, signIn, discord }) => {
  await signIn(page, 'olivia');
  await configure(page);
  const panel = await publish(page, await makePanel(page, { panel_name: 'Help', panel_title: 'Need a hand?' }), discord, 'Need a hand?');
  const mia = await discord.person('mia');
  story.tickets = [];
  for (const number of [1, 2]) {
    const ticket = await openTicket(discord, mia, panel, []);
    await mia.send(ticket.channel, `xylophone ${number}`, [new File([PNG], 'dot.png', { type: 'image/png' })]);
    await post(page, `${HOME}/tickets/${ticket.id}`, { action: 'close' });
    await until('the transcript to be stored', async () => {
      await page.goto(`/transcripts/${ticket.id}`);
      return (await page.locator('dt', { hasText: 'Closed by' }).count()) === 1;
    });
    story.tickets.push(ticket.id);
  }
});

d.test('nobody shares until the server allows it', async ({ page, signIn }) => {
  await signIn(page, 'olivia');
  const path = `/transcripts/${story.tickets[0]}`;
  await page.goto(path);
  assert.equal(await page.getByRole('link', { name: 'Share', exact: true }).count(), 0);
  assert.equal((await page.goto(`${path}/links`)).status(), 404);
  assert.equal((await post(page, `${path}/links`, { action: 'create', link: '0193b3c4-5d6e-7f80-9123-456789abcdef', for: 'anybody', time: '7' })).status, 404);
  await save(page, `${HOME}/settings`, 'settings-form', { share_links: 'true' });
});

/** What a page says, apart from what differs at each request. */
const essence = (text) => text.replace(/nonce="[^"]*"/g, '').replace(/[0-9a-f]{32}/g, '');

for (const [index, javaScriptEnabled] of [true, false].entries()) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';
  d.test(`a link for whoever has it, ${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn }) => {
    const ticket = story.tickets[index];
    const path = `/transcripts/${ticket}`;
    await signIn(page, 'olivia');
    await page.goto(path);
    await page.getByRole('link', { name: 'Share', exact: true }).click();
    await page.getByText('Nobody reads this transcript by a link.').waitFor();
    await page.getByLabel('Ends after').selectOption('1');
    await page.getByRole('button', { name: 'Create the link' }).click();
    await page.getByText('The link is there.').waitFor();
    const address = await page.getByLabel('Address of the link').inputValue();
    assert.match(address, /\/shared\/[\w-]{43}$/);
    assert.ok(!page.url().includes(address.slice(-43)), 'the secret is in no other address');
    if (javaScriptEnabled) {
      await assertFitsWidth(page);
      await assertAccessible(page);
    }

    const guest = await (await newContext({ javaScriptEnabled })).newPage();
    const pictures = [];
    guest.on('response', (answer) => {
      if (answer.url().includes('/files/')) pictures.push([new URL(answer.url()).pathname, answer.status()]);
    });
    const answer = await guest.goto(address);
    assert.equal(answer.status(), 200);
    const headers = answer.headers();
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-robots-tag'], 'noindex, nofollow');
    const text = await guest.locator('main').innerText();
    assert.match(text, new RegExp(`xylophone ${index + 1}`));
    assert.match(text, /You can read it until/);
    const picture = guest.locator('.transcript img').first();
    await picture.scrollIntoViewIfNeeded();
    await until('the picture to load', () => pictures.length > 0);
    assert.ok(pictures.every(([place, status]) => place.startsWith(`/shared/`) && status === 200), JSON.stringify(pictures));
    if (javaScriptEnabled) {
      await assertFitsWidth(guest);
      await assertAccessible(guest);
    }
    // Nothing else opens, here or there.
    assert.doesNotMatch(await guest.locator('main').innerHTML(), /href="[^"]*(export|redact|links|\/transcripts)/);
    const stranger = await guest.request.get(new URL(pictures[0][0].replace(/^\/shared\/[\w-]+/, path), address).href, { maxRedirects: 0 });
    assert.notEqual(stranger.status(), 200);
    for (const beyond of ['export', 'redact', 'links', 'hold']) {
      const got = await guest.request.get(`${address}/${beyond}`, { maxRedirects: 0 });
      assert.equal(got.status(), 404, beyond);
    }

    await page.goto(`${path}/links`);
    assert.match(await page.locator('main').innerText(), /Opened 1 time/);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The link leads nowhere now.').waitFor();
    assert.match(await page.locator('main').innerText(), /Revoked/);
    assert.equal(await page.getByLabel('Address of the link').count(), 0);
    const ask = async (url) => {
      const got = await guest.request.get(url, { headers: { accept: 'text/html' } });
      return [got.status(), essence(await got.text()).replaceAll(new URL(url).pathname, '')];
    };
    const unknown = await ask(address.slice(0, -43) + 'A'.repeat(43));
    assert.equal(unknown[0], 404);
    assert.deepEqual(await ask(address), unknown, 'a revoked link is one that never was');
    assert.equal((await guest.request.get(new URL(pictures[0][0], address).href)).status(), 404);
    await page.goto(`${HOME}/audit`);
    const log = await page.locator('tbody').innerText();
    assert.match(log, /Somebody with the link\s+Read the transcript of ticket \d by a link/);
    assert.match(log, /Olivia\s+Made a link/);
    assert.match(log, /Olivia\s+Revoked a link/);
  });

  d.test(`a link for named people, ${how}`, { context: { javaScriptEnabled } }, async ({ page, newContext, signIn, discord }) => {
    const path = `/transcripts/${story.tickets[index]}`;
    const noah = await discord.person('noah');
    await signIn(page, 'olivia');
    await page.goto(`${path}/links`);
    await page.getByLabel('Named people').check();
    await page.getByRole('button', { name: 'Create the link' }).click();
    await page.locator('.field-error').waitFor();
    await page.getByLabel('Discord accounts').fill(`<@${noah.id}>`);
    await page.getByRole('button', { name: 'Create the link' }).click();
    await page.getByText('The link is there.').waitFor();
    const address = await page.getByLabel('Address of the link').first().inputValue();
    assert.match(address, /\/shared\/[0-9a-f-]{36}$/);

    const reader = await (await newContext({ javaScriptEnabled })).newPage();
    await reader.goto(address);
    assert.doesNotMatch(await reader.locator('body').innerText(), /xylophone/);
    await signIn(reader, 'noah');
    assert.equal((await reader.goto(address)).status(), 200);
    assert.match(await reader.locator('main').innerText(), new RegExp(`xylophone ${index + 1}`));
    assert.equal((await reader.goto(path)).status(), 404, 'the transcript itself stays closed');
    const other = await (await newContext({ javaScriptEnabled })).newPage();
    await signIn(other, 'sam');
    assert.equal((await other.goto(address)).status(), 404);
    // Off is off, and on again it leads there again.
    const kept = await formValues(page, `${HOME}/settings`, 'settings-form');
    assert.ok(kept.share_links);
    await save(page, `${HOME}/settings`, 'settings-form', { share_links: null });
    assert.equal((await reader.goto(address)).status(), 404);
    await save(page, `${HOME}/settings`, 'settings-form', { share_links: 'true' });
    assert.equal((await reader.goto(address)).status(), 200);
  });
}

d.test('the opener shares where the server lets them', async ({ page, newContext, signIn }) => {
  const path = `/transcripts/${story.tickets[0]}`;
  await signIn(page, 'mia');
  assert.equal((await page.goto(`${path}/links`)).status(), 404);
  const olivia = await (await newContext()).newPage();
  await signIn(olivia, 'olivia');
  await save(olivia, `${HOME}/settings`, 'settings-form', { opener_shares: 'true' });
  await page.goto(`${path}/links`);
  await page.getByText('Nobody reads this transcript by a link.').waitFor();
  await page.getByRole('button', { name: 'Create the link' }).click();
  await page.getByText('The link is there.').waitFor();
  await olivia.goto(`${path}/links`);
  assert.match(await olivia.locator('main').innerText(), /By Mia/);
});
