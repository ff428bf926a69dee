// The privacy policy and the terms: read by everybody, without a program; a material change is announced once, shown to
// whoever is signed in until they take note, and on the status page. Nothing is loaded from elsewhere.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHONE, assertAccessible, assertFitsWidth } from '../lib/browser.mjs';
import { desk } from '../lib/desk.mjs';
import { until } from '../lib/processes.mjs';
import { GUILD, WELCOME } from '../lib/seed.mjs';

const SHIPPED = new URL('../../documents/privacy/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'wardesk-documents-'));
mkdirSync(join(folder, 'privacy'));
for (const locale of ['en', 'de']) {
  const text = readFileSync(new URL(`1.0.${locale}.md`, SHIPPED), 'utf8');
  writeFileSync(join(folder, 'privacy', `1.0.${locale}.md`), text);
  const next = text
    .replace(/effective = "[^"]+"/, 'effective = "2099-01-01"')
    .replace(/summary = "[^"]+"/, `summary = "canary-news-${locale}"`);
  writeFileSync(join(folder, 'privacy', `1.1.${locale}.md`), next);
}

const d = desk('documents', {
  WARDESK_DOCUMENTS_DIR: folder,
  WARDESK_OPERATOR_NAME: 'Harbour <b>Co-op</b>',
  WARDESK_PRIVACY_CONTACT: 'privacy@harbour.example',
  WARDESK_ANNOUNCEMENT_CHANNEL: `https://discord.com/channels/${GUILD}/${WELCOME}`,
});

const PAGES = [
  ['/privacy', 'Privacy policy'],
  ['/terms', 'Terms of use'],
  ['/privacy/changes', 'Versions and changes'],
  ['/privacy/processors', 'Who is contacted'],
  ['/privacy/versions/1.1', 'Privacy policy'],
  ['/terms/versions/1.0', 'Terms of use'],
];

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ', without JavaScript';

  d.test(`everybody reads them, on any page there is a way${how}`, { context: { javaScriptEnabled } }, async ({ page }) => {
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto('/');
    for (const path of ['/privacy', '/terms', '/privacy/processors']) {
      assert.ok((await page.locator(`footer a[href="${path}"]`).count()) === 1, path);
    }
    assert.ok(await page.getByText('By signing in for the first time you accept').isVisible());
    for (const [path, title] of PAGES) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), title, path);
    }
    await page.goto('/privacy');
    // What the settings say is text.
    assert.ok(await page.getByText('Harbour <b>Co-op</b>').first().isVisible());
    assert.equal(await page.locator('main a[href="mailto:privacy@harbour.example"]').count() > 0, true);
    assert.ok(await page.getByText('From 1 Jan 2099 on version 1.1 holds.').isVisible());
    await page.locator('.document-contents a').first().click();
    assert.match(page.url(), /#who-is-responsible$/);
    // No program, and nothing from elsewhere.
    const { origin } = new URL(page.url());
    assert.deepEqual(requests.filter((url) => !url.startsWith(origin)), []);
    assert.deepEqual(requests.filter((url) => /\.(wasm|js)$/.test(new URL(url).pathname) && !url.endsWith('/')), []);
    for (const path of ['/privacy/versions/9.9', '/privacy/versions/x', '/terms/versions/1.1']) {
      assert.equal((await page.goto(path)).status(), 404, path);
    }
  });

  d.test(`a change is shown until it was taken note of${how}`, { context: { javaScriptEnabled } }, async ({ page, signIn }) => {
    await page.goto('/status');
    assert.ok(await page.getByText('The privacy policy changes with version 1.1').isVisible());
    await page.goto('/');
    assert.equal(await page.getByText('canary-news-en').count(), 0, 'nobody is asked who is not signed in');
    await signIn(page, javaScriptEnabled ? 'olivia' : 'mia');
    await page.goto('/account');
    assert.ok(await page.getByText('canary-news-en').isVisible());
    await page.goto('/transcripts');
    assert.ok(await page.getByText('canary-news-en').isVisible());
    await page.getByRole('button', { name: 'I have taken note' }).click();
    await page.waitForURL('**/transcripts');
    for (const path of ['/transcripts', '/account']) {
      await page.goto(path);
      assert.equal(await page.getByText('canary-news-en').count(), 0, path);
    }
  });
}

d.test('in German, and on a phone', { context: { locale: 'de-DE', viewport: PHONE } }, async ({ page }) => {
  for (const [path] of PAGES) {
    await page.goto(path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await assertFitsWidth(page);
    await assertAccessible(page);
  }
  await page.goto('/privacy/changes');
  assert.ok(await page.getByText('canary-news-de').isVisible());
});

d.test('the change is announced on Discord, once', async ({ discord }) => {
  const sam = await discord.person('sam');
  const said = async () => JSON.stringify(await sam.messages(WELCOME));
  await until('the announcement', async () => (await said()).includes('canary-news-en'));
  const text = await said();
  assert.equal(text.split('/privacy/versions/1.1').length - 1, 2, 'once, in two languages');
  assert.ok(text.includes('canary-news-de'));
});

d.test('cookies are two, and pages of everybody set none', async ({ page, context, signIn, url }) => {
  for (const [path] of PAGES) await page.goto(path);
  assert.deepEqual(await context.cookies(url), []);
  await signIn(page, 'noah');
  for (const path of ['/', '/servers', '/account', '/transcripts', '/status']) await page.goto(path);
  const names = (await context.cookies(url)).map((cookie) => cookie.name);
  assert.deepEqual(names, ['__Host-session']);
});
