// Steps that many tests begin with: a configured server, a published panel, tickets. The example server's
// ids are fixed (docs/SANDBOX.md).
import { post, save } from './forms.mjs';

export const GUILD = '400000000000000001';
export const HOME = `/servers/${GUILD}`;
export const BOT = '900000000000000001';
export const SUPPORT = '410000000000000001';
export const BOT_ROLE = '410000000000000003';
export const WELCOME = '420000000000000002';
export const TRANSCRIPTS = '420000000000000005';
export const SUPPORT_LOG = '420000000000000006';
export const TICKETS = '420000000000000007';

/** Saves the settings of the example server; `page` is signed in as its owner. */
export async function configure(page, changes = {}) {
  await save(page, `${HOME}/settings`, 'settings-form', {
    support_roles: SUPPORT,
    ticket_category: TICKETS,
    transcript_channel: TRANSCRIPTS,
    log_channel: SUPPORT_LOG,
    ...changes,
  });
}

/** Makes a panel with these fields; gives its path. */
export async function makePanel(page, fields = {}) {
  const { path } = await post(page, `${HOME}/panels`);
  await save(page, path, 'panel-form', { panel_channel: WELCOME, ...fields });
  return path;
}

/** Publishes a panel and gives its message in Discord, which holds `text`. */
export async function publish(page, path, discord, text) {
  await post(page, `${path}/publish`);
  const found = await discord.wait('message', { guild: GUILD, channel: WELCOME, author: BOT, text });
  return found.message ?? found;
}

/** The first button of a message whose custom id starts so. */
export function button(message, prefix) {
  const all = message.components.flatMap((row) => row.components);
  return all.find((component) => component.custom_id?.startsWith(prefix));
}

/**
 * A person opens a ticket and fills the form, if there is one. Gives `{ id, channel, welcome }`: the ticket's id,
 * its channel's, and the bot's first message there.
 */
export async function openTicket(discord, person, panel, answers = []) {
  const pressed = await person.press(panel, button(panel, 'wd:open:').custom_id);
  const values = Object.fromEntries(answers.map((answer, index) => [`q${index}`, answer]));
  const done = pressed.state === 'modal' ? await person.fill(pressed, values) : pressed;
  if (done.state === 'failed') throw new Error(`the ticket was not opened: ${JSON.stringify(done)}`);
  const found = await discord.wait('message', {
    guild: GUILD,
    channel: 'ticket-*',
    author: BOT,
    text: `<@${person.id}>`,
    after: pressed.id,
    timeout_ms: 20_000,
  });
  const welcome = found.message ?? found;
  return { id: button(welcome, 'wd:claim:').custom_id.split(':')[2], channel: welcome.channel_id, welcome };
}

/** Makes a person who is on the example server. */
export async function newPerson(discord, username, name = username) {
  await discord.post('/control/people', { username, global_name: name, guilds: [GUILD] });
  return discord.person(username);
}
