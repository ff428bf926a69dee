// What a test file starts with:
//
//   import { desk } from '../lib/desk.mjs';
//   const d = desk('tickets');                       // a sandbox and a server for this file
//   d.test('the owner sees the list', async ({ page, signIn }) => {
//     await signIn(page, 'olivia');
//     …
//   });
//
// Every test gets a fresh browser context. When it ends, nothing may have violated the content security
// policy and no script may have failed; when it fails, pictures of its pages are kept in end2end/out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newContext, shot } from './browser.mjs';
import { Discord } from './discord.mjs';
import { Installation } from './processes.mjs';

class Desk {
  constructor(name, env) {
    this.name = name;
    this.installation = new Installation(name, env);
    before(async () => {
      await this.installation.start();
      this.browser = await launch();
    }, { timeout: 120_000 });
    after(async () => {
      await this.browser?.close();
      // Whatever the bot sent and got in these tests must be as Discord's own description says.
      const violations = this.installation.checksRequests ? await this.discord.get('/control/violations') : [];
      const how = await this.installation.stop();
      assert.deepEqual(violations.violations ?? violations, [], "Discord's API description was violated");
      assert.equal(how, 0, 'the server did not stop gracefully on SIGTERM');
    }, { timeout: 60_000 });
  }

  /** Wardesk's address, `http://localhost:…`. */
  get url() {
    return this.installation.url;
  }

  /** The sandbox's control API. */
  get discord() {
    this.client ??= new Discord(this.installation.sandboxUrl);
    return this.client;
  }

  /**
   * One test. `options` are those of node:test, and `context` for the browser context's. The function gets
   * `{ page, context, newContext, signIn, watch, url, discord, t }`.
   */
  test(name, options, body) {
    if (typeof options === 'function') return this.test(name, {}, options);
    const { context: contextOptions = {}, ...rest } = options;
    test(`${this.name}: ${name}`, { timeout: 120_000, ...rest }, async (t) => {
      const contexts = [];
      const open = async (extra = {}) => {
        const context = await newContext(this.browser, { baseURL: this.url, ...contextOptions, ...extra });
        contexts.push(context);
        return context;
      };
      try {
        const context = await open();
        const page = await context.newPage();
        await body({
          t,
          page,
          context,
          watch: context.watch,
          newContext: open,
          signIn: (where, who) => this.signIn(where, who),
          url: this.url,
          discord: this.discord,
        });
        for (const one of contexts) one.watch.assertClean();
      } catch (error) {
        const stem = `FAILED-${this.name}-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`;
        let number = 0;
        for (const page of contexts.flatMap((one) => one.pages())) {
          number += 1;
          await shot(page, `${stem}-${number}`).catch(() => {});
        }
        throw error;
      } finally {
        for (const one of contexts) await one.close();
      }
    });
  }

  /**
   * Signs in as a person of the sandbox, as a person would: the button, Discord's consent page, the way
   * back. `who` is a name or an id: in the example server, olivia owns, sam supports, mia and noah are members.
   */
  async signIn(page, who, { from = '/' } = {}) {
    const person = await this.discord.person(who);
    const context = page.context();
    // The consent page asks this cookie of the sandbox who is sitting there.
    await context.addCookies([
      { name: 'sandbox_person', value: person.id, domain: '127.0.0.1', path: '/', sameSite: 'Lax' },
    ]);
    await page.goto(new URL(from, this.url).href);
    await page.locator('form[action="/auth/login"] button').first().click();
    await page.waitForURL((url) => url.origin === this.installation.sandboxUrl);
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    // The callback answers with a page that forwards, so that the next request is same-site. Signed in, every
    // page has the way out.
    await page.waitForURL((url) => url.origin === this.url && !url.pathname.startsWith('/auth/'));
    await page.locator('form[action="/auth/logout"]').first().waitFor({ state: 'attached' });
    return person;
  }
}

/** A sandbox, a server and a browser for the tests of this file; `env` changes settings of the server. */
export function desk(name, env = {}) {
  return new Desk(name, env);
}
