// Runs the browser tests: every tests/*.test.mjs, or those whose name contains one of the arguments.
//
// Needs WARDESK_STAGE (the folder of the programs `wardesk` and `sandbox`), WARDESK_SITE (the built site)
// and WARDESK_CHROMIUM; ./test sets them. Writes "passed failed skipped" to the file WARDESK_RESULT, as numbers, and
// then a line for each test: its outcome and its name.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const filters = process.argv.slice(2);
const folder = join(here, 'tests');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
  .sort()
  .map((name) => join(folder, name));

const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const outcomes = [];

for (const name of ['WARDESK_STAGE', 'WARDESK_SITE', 'WARDESK_CHROMIUM']) {
  if (!process.env[name]) {
    console.error(`${name} is not set; start the browser tests with ./test --only browser`);
    process.exit(2);
  }
}
if (files.length === 0) {
  console.error(`no browser test file matches ${filters.join(' ')}`);
  process.exit(2);
}
rmSync(join(here, 'out'), { recursive: true, force: true });
mkdirSync(join(here, 'out'));

// A file is itself reported as a test by some versions of Node: counted only when it fails without any
// test of its own having failed (a syntax error, say).
const isFile = (event) => event.file === undefined || resolve(event.name) === event.file || event.name.endsWith('.test.mjs');
const isSuite = (event) => event.details?.type === 'suite';

function report(event, word, detail = '') {
  const ms = Math.round(event.details?.duration_ms ?? 0);
  outcomes.push(`${word} ${event.name}\n`);
  console.log(`  ${word.padEnd(7)} ${event.name} (${ms} ms)${detail}`);
}

// The message first, then the stack of where it happened: enough to mend it from a log.
function explain(error) {
  const cause = error?.cause ?? error;
  if (cause?.failureType === 'subtestsFailed') return null;
  return String(cause?.stack ?? cause?.message ?? cause);
}

// Files are independent: each has programs, ports and a data folder of its own. More than two at once would
// only wait for each other on a small machine.
const stream = run({ files, concurrency: Math.min(2, availableParallelism()) });
stream.on('test:pass', (event) => {
  if (isFile(event) || isSuite(event)) return;
  if (event.skip !== undefined || event.todo !== undefined) {
    counts.skipped += 1;
    report(event, 'skipped', typeof event.skip === 'string' ? ` ${event.skip}` : '');
  } else {
    counts.passed += 1;
    report(event, 'passed');
  }
});
stream.on('test:fail', (event) => {
  const error = event.details?.error;
  if (isSuite(event) && error?.failureType === 'subtestsFailed') return;
  if (isFile(event) && counts.failed > 0) return;
  counts.failed += 1;
  report(event, 'FAILED');
  failures.push(event.name);
  const text = explain(error);
  if (text) {
    console.log(text.split('\n').slice(0, 40).map((line) => `          ${line}`).join('\n'));
  }
});
stream.on('test:stdout', (event) => process.stdout.write(event.message));
stream.on('test:stderr', (event) => process.stderr.write(event.message));
stream.resume();
await new Promise((done) => stream.once('end', done));

if (failures.length > 0) {
  console.log(`\nFailed (pictures of their pages and the logs are in end2end/out):`);
  for (const name of failures) console.log(`  ${name}`);
}
if (process.env.WARDESK_RESULT) {
  const numbers = `${counts.passed} ${counts.failed} ${counts.skipped}\n`;
  writeFileSync(process.env.WARDESK_RESULT, numbers + outcomes.join(''));
}
process.exit(counts.failed > 0 ? 1 : 0);
