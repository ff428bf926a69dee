// The bytes of one page's program with full hydration, beside those of all islands of the product: both were built
// alike by bench/run, and are compressed alike here. Then Chromium opens the hydrated page, to see that what was
// weighed works.
//
// Arguments: the folder of the islands' files, that of the hydrated page's site, and the program that serves it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { brotliCompressSync, constants } from 'node:zlib';
import { launch, newContext } from '../end2end/lib/browser.mjs';

const [islands, site, program] = process.argv.slice(2);
const PATH = '/servers/400000000000000001/panels/0190a5c2-0000-7000-8000-000000000001';

const packed = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
const line = (...cells) => console.log(cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](i === 0 ? 46 : 12)).join(''));

line('', 'WASM', 'WASM, br', 'JS, br', 'HTML, br');
weigh('islands: all of them, of every page', islands, 'islands');
const html = await works();
weigh("full hydration: a panel's editor alone", join(site, 'pkg'), 'hydration', packed(html));

function weigh(name, folder, stem, page = '') {
  const wasm = readFileSync(join(folder, `${stem}.wasm`));
  line(name, wasm.length, packed(wasm), packed(readFileSync(join(folder, `${stem}.js`))), page);
}

/** Opens the page and uses what is on it; gives its HTML. */
async function works() {
  const server = spawn(program, [site], { stdio: ['ignore', 'pipe', 'inherit'] });
  const browser = await launch();
  try {
    const [url] = await createInterface(server.stdout)[Symbol.asyncIterator]().next().then((first) => [first.value]);
    const html = Buffer.from(await (await fetch(url + PATH)).arrayBuffer());
    const context = await newContext(browser, { baseURL: url });
    const page = await context.newPage();
    await page.goto(PATH);
    // What stands in the place of the select, the preview, the count and the bar: each by its own program.
    const channel = page.getByRole('combobox', { name: 'Channel' });
    await channel.fill('general');
    await page.getByRole('option', { name: 'general' }).click();
    assert.equal(await page.locator('select[name=panel_channel]').evaluate((one) => one.selectedOptions[0].textContent), 'general');
    await page.getByLabel('Title').first().fill('Another title');
    assert.equal(await page.locator('.preview-title').textContent(), 'Another title');
    assert.match(await page.locator('[data-count-for=panel_title]').textContent(), /^13 \//);
    assert.equal(await page.locator('.save-bar').evaluate((one) => one.hidden), false, 'the save bar is there');
    context.watch.assertClean();
    return html;
  } finally {
    await browser.close();
    server.kill();
  }
}
