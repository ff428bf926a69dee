// Runs every Rust test program, some at a time: node scripts/rust-tests.mjs LOG [OPTION OF THE TEST PROGRAMS…] <ARTIFACTS
//
// `cargo test` runs one program after the other, and many of them hold a single long test: half of a machine with two
// cores would wait. ARTIFACTS is what `cargo test --no-run --message-format=json` printed. What a program prints comes
// out in one piece when it has ended, and goes to LOG too; the longest of last time (TIMES in the environment, a
// file) begin. The exit code is 1 when any of them failed or did not run.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative } from 'node:path';

// One more than a small machine has cores: most wait for a program or a database now and then. Each has threads of its
// own, so that a large machine needs no more.
const AT_ONCE = Math.min(availableParallelism() + 1, 4);
const [log, ...options] = process.argv.slice(2);
if (!log) {
  console.error('rust-tests.mjs needs the name of a log');
  process.exit(2);
}

const artifacts = readFileSync(0, 'utf8').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
const programs = artifacts
  .filter(({ reason, profile, executable }) => reason === 'compiler-artifact' && profile.test && executable)
  .map(({ target, manifest_path: manifest, executable }) => ({
    name: relative(process.cwd(), target.src_path),
    command: executable,
    args: options,
    // Where cargo runs them.
    cwd: dirname(manifest),
  }));
if (programs.length === 0) {
  console.error('cargo built no test program');
  process.exit(1);
}
// What stands in documentation; cargo alone knows how to run that.
// With the features (FEATURES in the environment) of the others, or it would compile everything once more.
const features = (process.env.FEATURES ?? '').split(' ').filter(Boolean);
programs.push({ name: 'documentation', command: 'cargo', args: ['test', '--locked', '--doc', ...features], cwd: process.cwd() });

const times = process.env.TIMES ?? '';
const took = existsSync(times) ? JSON.parse(readFileSync(times, 'utf8')) : {};
programs.sort((one, other) => (took[other.name] ?? Infinity) - (took[one.name] ?? Infinity));

function run({ name, command, args, cwd }) {
  return new Promise((ended) => {
    const began = Date.now();
    const parts = [];
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part));
    child.once('error', (error) => parts.push(Buffer.from(`${error}\n`)));
    child.once('close', (code, signal) => {
      took[name] = Date.now() - began;
      const how = code === 0 ? '' : ` (${signal ?? `exit code ${code}`})`;
      const text = `     Running ${name}${how}\n${Buffer.concat(parts)}\n`;
      process.stdout.write(text);
      appendFileSync(log, text);
      ended(code === 0);
    });
  });
}

writeFileSync(log, '');
const failed = [];
async function worker() {
  for (let next = programs.shift(); next; next = programs.shift()) {
    if (!(await run(next))) failed.push(next.name);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, worker));
if (times) writeFileSync(times, JSON.stringify(took));
if (failed.length > 0) {
  const text = `Failed: ${failed.join(', ')}\n`;
  process.stdout.write(text);
  appendFileSync(log, text);
  process.exitCode = 1;
}
