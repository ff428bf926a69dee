// `./run` as a person uses it: it says what it does, serves, stops with Ctrl-C, and starts again without
// building anything.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort, until } from '../lib/processes.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
// ./run starts what ./test has built, since nothing changed meanwhile.
const skip = (existsSync(join(ROOT, '.env')) && 'this checkout has settings of its own in .env')
  || (!existsSync(join(ROOT, 'target/run/stamp')) && 'nothing is built that ./run could start');

/** Starts ./run, or what starts it, as the leader of a process group, as a terminal does. */
function start(env, command = './run', args = []) {
  const child = spawn(command, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { child, text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => { run.text += part; });
  }
  run.ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => { run.how = code ?? signal; resolve(run.how); });
  });
  return run;
}

async function ready(run) {
  await until('./run to say that Ctrl-C stops everything', () => {
    if (run.how !== undefined) throw Object.assign(new Error(run.text), { fatal: true });
    return run.text.includes('Ctrl-C stops everything.');
  }, { seconds: 90 });
}

/** The processes that run with a data folder: every one of them has its name in the environment. */
function using(folder) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`WARDESK_DATA_DIR=${folder}\0`);
    } catch {
      return false;
    }
  });
}

/** An environment without any setting of the person who runs this. */
function environment(more) {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(DISCORD_|STRIPE_|LEPTOS_|NODE_|WARDESK_(?!CACHE|DISCORD_OPENAPI))/.test(key));
  return { ...Object.fromEntries(inherited), ...more };
}

/** Ends what still runs. */
async function end(runs, data) {
  for (const run of runs) {
    if (run.how === undefined) {
      process.kill(-run.child.pid, 'SIGTERM');
      await run.ended;
    }
  }
  rmSync(data, { recursive: true, force: true });
}

test('./run starts, stops with Ctrl-C, and starts again without building', { skip }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'wardesk-run-'));
  const [web, metrics, discord] = await Promise.all([freePort(), freePort(), freePort()]);
  const env = environment({
    WARDESK_BIND: `127.0.0.1:${web}`,
    WARDESK_METRICS_BIND: `127.0.0.1:${metrics}`,
    WARDESK_SANDBOX_BIND: `127.0.0.1:${discord}`,
    WARDESK_DATA_DIR: data,
  });
  const runs = [];
  try {
    for (const time of ['first', 'second']) {
      const began = Date.now();
      const run = start(env);
      runs.push(run);
      await ready(run);
      console.log(`  the ${time} start took ${((Date.now() - began) / 1000).toFixed(1)} s`);
      const steps = [...run.text.matchAll(/^\[(\d+)\/(\d+)\] (.+?) … [\d.]+ (?:s|min)/gm)];
      const all = Number(steps[0][2]);
      assert.deepEqual(steps.map((s) => Number(s[1])), Array.from({ length: all }, (_, i) => i + 1), run.text);
      // In this order: built, migrated and started beside the sandbox, and only then the address.
      assert.deepEqual(steps.slice(-4).map((s) => s[3]), ['Build', 'Data folder', 'Sandbox', 'Server']);
      assert.ok(run.text.indexOf(`http://localhost:${web}`) > run.text.lastIndexOf(`[${all}/${all}]`), run.text);
      assert.ok(!/Compiling|Finished/.test(run.text), 'it built something');
      assert.equal((await fetch(`http://localhost:${web}/`)).status, 200);
      assert.equal((await fetch(`http://127.0.0.1:${discord}/`)).status, 200);
      assert.ok(using(data).length >= 3);

      process.kill(-run.child.pid, 'SIGINT');
      assert.equal(await run.ended, 130, run.text);
      assert.match(run.text, /Stopped\.\s*$/);
      assert.deepEqual(using(data), [], 'something still runs');
    }
  } finally {
    await end(runs, data);
  }
});

// In a network of its own that leads nowhere: nobody is contacted.
test('./run with a bot of one\'s own starts no sandbox and looks for Discord', { skip }, async () => {
  const data = mkdtempSync(join(tmpdir(), 'wardesk-run-'));
  const env = environment({
    WARDESK_BIND: '127.0.0.1:8080',
    WARDESK_METRICS_BIND: '127.0.0.1:9464',
    WARDESK_DATA_DIR: data,
    DISCORD_TOKEN: 'a-token-of-nobody',
    DISCORD_CLIENT_ID: '123456789012345678',
    DISCORD_CLIENT_SECRET: 'a-secret-of-nobody',
  });
  const run = start(env, 'unshare', ['--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec ./run']);
  try {
    await ready(run);
    const steps = [...run.text.matchAll(/^\[(\d+)\/(\d+)\] (.+?) … [\d.]+ (?:s|min)/gm)].map((s) => s[3]);
    assert.deepEqual(steps.slice(-3), ['Build', 'Data folder', 'Server']);
    assert.ok(!/sandbox/i.test(run.text), run.text);
    const programs = using(data).map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    assert.ok(programs.includes('wardesk') && !programs.includes('sandbox'), programs.join());
    const page = await inside(run.child.pid, 'http://localhost:8080/status');
    assert.match(page, /is connecting/);
    const { bot } = JSON.parse(await inside(run.child.pid, 'http://localhost:8080/readyz'));
    assert.equal(bot, 'connecting');
    const log = join(data, 'log/wardesk.log');
    await until('the log to say it', () => readFileSync(log, 'utf8').includes('Discord cannot be reached'), { seconds: 60 });

    process.kill(-run.child.pid, 'SIGINT');
    assert.equal(await run.ended, 130, run.text);
    assert.deepEqual(using(data), [], 'something still runs');
  } finally {
    await end([run], data);
  }
});

/** A page, as it is seen in the network of a process. */
async function inside(pid, address) {
  const ask = `fetch('${address}').then((a) => a.text()).then((t) => process.stdout.write(t))`;
  const where = ['--target', String(pid), '--user', '--net', '--preserve-credentials'];
  const { stdout } = await promisify(execFile)('nsenter', [...where, 'node', '-e', ask]);
  return stdout;
}

/** What `./run --build` says where programs are missing and nobody may install any. */
async function without(missing, more = {}, scripts = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wardesk-bare-'));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  const seen = new Set(missing);
  for (const [name, text] of Object.entries(scripts)) {
    seen.add(name);
    writeFileSync(join(programs, name), text, { mode: 0o755 });
  }
  for (const from of process.env.PATH.split(':').filter((one) => existsSync(one))) {
    for (const name of readdirSync(from).filter((one) => !seen.has(one))) {
      seen.add(name);
      symlinkSync(join(from, name), join(programs, name));
    }
  }
  try {
    const env = environment({ PATH: programs, WARDESK_CACHE: join(folder, 'cache'), ...more });
    // With nobody's rights there, whoever runs this.
    const run = start(env, 'unshare', ['--user', './run', '--build']);
    assert.equal(await run.ended, 1, run.text);
    return run.text;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('./run without root says what to install on Debian', async () => {
  // Here nothing is installed, whatever is asked for.
  const nothing = '#!/bin/sh\nexit 1\n';
  const text = await without(['cc', 'node', 'npm', 'sudo'], {}, { 'apt-get': nothing, 'dpkg-query': nothing });
  assert.match(text, /only root may install it/);
  const packages = 'ca-certificates build-essential nodejs npm';
  assert.ok(text.includes(`sudo apt-get update && sudo apt-get install --no-install-recommends ${packages}\n`), text);
});

test('./run elsewhere says what to install, and how to get Rust', async () => {
  const bare = await without(['cc', 'node', 'npm', 'apt-get', 'dpkg-query']);
  assert.match(bare, /Please install, then start again: a C compiler \(cc\), Node [\d.]+ or newer, npm/);
  const rustless = await without(['rustup'], { WARDESK_TOOLCHAIN: 'rustup' });
  assert.match(rustless, /Rust [\d.]+ or newer with the target wasm32-unknown-unknown/);
  assert.match(rustless, /rustup toolchain install/);
});
