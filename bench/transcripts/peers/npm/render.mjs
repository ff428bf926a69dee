// discord-html-transcripts on discord.js: the corpus in, its page out, without a login and without a network.
//
//   node render.mjs CORPUS PAGE ROUNDS
//
// Processor time from opening the corpus to the page's last byte; loading the program is not counted. The shortest of
// the rounds is printed, as JSON.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client, ClientApplication, Options } from 'discord.js';
import transcripts from 'discord-html-transcripts';

const [corpus, page, rounds] = process.argv.slice(2);

// It prints each markdown node that it does not know; printing is not what is measured.
console.log = () => {};

const refused = [];
globalThis.fetch = async (address) => {
  refused.push(String(address));
  throw new Error('no network');
};

/** A client that has seen the server, as after its GUILD_CREATE, and whose requests all fail. */
function client(description) {
  const made = new Client({ intents: [], makeCache: Options.cacheEverything() });
  made.rest.request = async (request) => {
    refused.push(request.fullRoute);
    throw new Error('no network');
  };
  // As after READY; custom emoji of reactions are looked for among the application's own.
  made.application = new ClientApplication(made, { id: description.members[0].user.id });
  return { made, guild: made.guilds._add(description) };
}

async function render() {
  const description = JSON.parse(readFileSync(join(dirname(corpus), 'server.json'), 'utf8'));
  const { made, guild } = client(description);
  const channel = made.channels.cache.get(description.channels[0].id);
  const messages = [];
  for (const line of readFileSync(corpus, 'utf8').split('\n')) {
    if (line) messages.push(channel.messages._add({ ...JSON.parse(line), guild_id: guild.id }));
  }
  const html = await transcripts.generateFromMessages(messages, channel, {
    returnType: 'string',
    saveImages: false,
    poweredBy: false,
  });
  writeFileSync(page, html);
  await made.destroy();
  return messages.length;
}

let seconds = Infinity;
let messages = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const began = process.cpuUsage();
  messages = await render();
  const { user, system } = process.cpuUsage(began);
  seconds = Math.min(seconds, (user + system) / 1e6);
}
if (refused.length > 0) throw new Error(`${refused.length} requests, the first ${refused[0]}`);
const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
process.stdout.write(`${JSON.stringify({ messages, seconds, bytes: statSync(page).size, peak_kib: Number(peak) })}\n`);
process.exit(0);
