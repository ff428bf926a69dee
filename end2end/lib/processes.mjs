// Starts and stops a sandbox and a Wardesk of their own, on free loopback ports and an empty data folder.
// Wardesk is `localhost`, the sandbox `127.0.0.1`: two sites, as in the world outside.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const OUT = new URL('../out/', import.meta.url).pathname;
const STAGE = process.env.WARDESK_STAGE;
const SITE = process.env.WARDESK_SITE;
const LEPTOS_TOML = new URL('../../Leptos.toml', import.meta.url).pathname;
// Discord's own description of its API; not part of this repository.
const OPENAPI = process.env.WARDESK_DISCORD_OPENAPI;

/** A port that is free now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Asks until `condition` gives a truthy value, which it returns; an error names what was waited for. */
export async function until(what, condition, { seconds = 20, every = 50 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      if (error?.fatal) throw error;
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${seconds} s in vain for ${what}${last ? `: ${last.message}` : ''}`);
    }
    await pause(every);
  }
}

class Program {
  constructor(name, command, args, { env, log, cwd }) {
    this.name = name;
    this.log = log;
    const file = openSync(log, 'a');
    this.child = spawn(command, args, { env, cwd, stdio: ['ignore', file, file] });
    closeSync(file);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(String(error)));
      this.child.once('exit', (code, signal) => resolve(signal ?? code));
    }).then((how) => {
      this.how = how;
      return how;
    });
  }

  text() {
    return readFileSync(this.log, 'utf8');
  }

  /** Throws when the program ended by itself, with the end of its log. */
  mustRun() {
    if (this.how === undefined) return;
    const tail = this.text().split('\n').slice(-25).join('\n');
    const error = new Error(`${this.name} ended (${this.how}); its log ends so:\n${tail}`);
    error.fatal = true;
    throw error;
  }

  /** Ends it the given way and waits; SIGKILL after 35 s. */
  async stop(signal = 'SIGTERM') {
    if (this.how !== undefined) return this.how;
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), 35_000);
    const how = await this.ended;
    clearTimeout(late);
    return how;
  }
}

/** A sandbox and a Wardesk that know each other. */
export class Installation {
  /** `env` adds to or replaces settings of the server; `payments`: the sandbox's payment provider takes its payments. */
  constructor(name, { payments = false, ...env } = {}) {
    this.name = name;
    this.extra = env;
    this.payments = payments;
  }

  /** Whether the sandbox compares every request and answer with Discord's own description. */
  get checksRequests() {
    return Boolean(OPENAPI);
  }

  async start() {
    this.data = mkdtempSync(join(tmpdir(), 'wardesk-e2e-'));
    // The programs run in there: a `.env` in the checkout is its owner's affair.
    copyFileSync(LEPTOS_TOML, join(this.data, 'Leptos.toml'));
    mkdirSync(OUT, { recursive: true });
    const [web, metrics, discord] = await Promise.all([freePort(), freePort(), freePort()]);
    this.url = `http://localhost:${web}`;
    this.metricsUrl = `http://127.0.0.1:${metrics}`;
    this.sandboxUrl = `http://127.0.0.1:${discord}`;
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(DISCORD_|WARDESK_|LEPTOS_|NODE_|STRIPE_)/.test(key)),
    );
    this.env = {
      ...inherited,
      RUST_LOG: process.env.RUST_LOG ?? 'info',
      RUST_BACKTRACE: '1',
      LEPTOS_SITE_ROOT: SITE,
      WARDESK_SANDBOX: '1',
      WARDESK_BIND: `127.0.0.1:${web}`,
      WARDESK_METRICS_BIND: `127.0.0.1:${metrics}`,
      WARDESK_PUBLIC_URL: this.url,
      WARDESK_DATA_DIR: this.data,
      WARDESK_MASTER_KEY: randomBytes(32).toString('base64'),
      DISCORD_TOKEN: 'sandbox-bot-token',
      DISCORD_CLIENT_ID: '900000000000000001',
      DISCORD_CLIENT_SECRET: 'sandbox-client-secret',
      DISCORD_API_URL: `${this.sandboxUrl}/api/v10`,
      DISCORD_OAUTH_AUTHORIZE_URL: `${this.sandboxUrl}/oauth2/authorize`,
      DISCORD_OAUTH_TOKEN_URL: `${this.sandboxUrl}/api/oauth2/token`,
      DISCORD_OAUTH_REVOKE_URL: `${this.sandboxUrl}/api/oauth2/token/revoke`,
      DISCORD_APP_URL: this.sandboxUrl,
      DISCORD_CDN_URL: `${this.sandboxUrl}/cdn`,
      DISCORD_MEDIA_URL: `${this.sandboxUrl}/cdn`,
      ...(this.payments && {
        STRIPE_SECRET_KEY: 'sk_test_sandbox',
        STRIPE_WEBHOOK_SECRET: 'whsec_sandbox',
        STRIPE_API_BASE: `${this.sandboxUrl}/stripe/`,
        WARDESK_SANDBOX_CLOCK: `${this.sandboxUrl}/control/clock`,
      }),
      ...this.extra,
    };
    await this.startSandbox();
    await this.startServer();
  }

  async startSandbox() {
    this.sandbox = new Program(
      'sandbox',
      join(STAGE, 'sandbox'),
      [
        '--listen', new URL(this.sandboxUrl).host,
        '--public-url', this.sandboxUrl,
        '--redirect', `${this.url}/auth/callback`,
        '--stripe-webhook', `${this.url}/webhooks/stripe`,
        ...(OPENAPI ? ['--openapi', OPENAPI] : []),
      ],
      { env: this.env, cwd: this.data, log: join(OUT, `${this.name}.sandbox.log`) },
    );
    await until('the sandbox to be ready', () => {
      this.sandbox.mustRun();
      return this.sandbox.text().includes('sandbox ready');
    });
  }

  /** Starts the server (again) and waits for /readyz. */
  async startServer() {
    this.server = new Program('wardesk', join(STAGE, 'wardesk'), ['serve'], {
      env: this.env,
      cwd: this.data,
      log: join(OUT, `${this.name}.wardesk.log`),
    });
    await until(
      '/readyz to answer 200',
      async () => {
        this.server.mustRun();
        return (await fetch(`${this.url}/readyz`)).status === 200;
      },
      { seconds: 60 },
    );
  }

  /** Stops both and removes the data folder. Says how the server ended: 0 for a graceful stop. */
  async stop() {
    const how = await this.server?.stop();
    await this.sandbox?.stop();
    if (this.data) rmSync(this.data, { recursive: true, force: true });
    return how;
  }
}
