// Every test that docs/PROMISES.md names has passed: node scripts/promises.mjs CARGO_LOG BROWSER_RESULT
//
// CARGO_LOG is what `cargo test` printed, BROWSER_RESULT what end2end/run.mjs wrote. Prints each test that did not run
// or did not pass, with its line of the page; the exit code is 1 then. That the page is sound, and that what it names
// exists, is for server/tests/promises.rs.
import { existsSync, readFileSync } from 'node:fs';

const PAGE = new URL('../docs/PROMISES.md', import.meta.url);
const [cargoLog, browserResult] = process.argv.slice(2);
if (!browserResult) {
  console.error('promises.mjs needs the log of cargo test and the result of the browser tests');
  process.exit(2);
}

/** Outcomes by the test's name: `passed` when each of that name passed. A file that is not there holds none. */
function outcomes(log, pattern, good) {
  const found = new Map();
  if (!existsSync(log)) return found;
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const { name, outcome } = pattern.exec(line)?.groups ?? {};
    if (name && (found.get(name) ?? 'passed') === 'passed') found.set(name, outcome === good ? 'passed' : outcome);
  }
  return found;
}

// `test module::name ... ok`; a name may be in several programs.
const rust = outcomes(cargoLog, /^test (?:\w+::)*(?<name>\w+)(?: - should panic)? \.\.\. (?<outcome>ok|FAILED|ignored)\b/, 'ok');
// `passed file: title`
const browser = outcomes(browserResult, /^(?<outcome>passed|FAILED|skipped) (?<name>.+)$/, 'passed');

/** What a line of the page names in its column of tests: `[name, outcome]` of each. */
function named(shown) {
  return [...shown.matchAll(/`([^`]+)`(?:: "([^"]+)")?/g)].map(([, name, title]) =>
    title ? [`${name}: ${title}`, browser.get(`${name}: ${title}`)] : [name, rust.get(name)],
  );
}

let count = 0;
const bad = [];
for (const row of readFileSync(PAGE, 'utf8').split('\n')) {
  const [, line, , state, shown] = row.split('|').map((cell) => cell.trim());
  if (state !== 'proven' && state !== 'partly') continue;
  for (const [name, outcome] of named(shown)) {
    count += 1;
    if (outcome !== 'passed') bad.push(`${line}: ${name}: ${outcome ?? 'did not run'}`);
  }
}
for (const one of bad) console.log(`  ${one}`);
if (bad.length > 0 || count === 0) {
  console.log(`${bad.length} of ${count} tests that docs/PROMISES.md rests on did not run or did not pass`);
  process.exit(1);
}
