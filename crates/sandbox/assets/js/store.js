// What the page knows, in one place. Parts of the page read it and listen for what changed.

const listeners = new Map();

export const store = {
  /** The people to choose from: [{ id, username, global_name, about }]. */
  people: [],
  /** The API bound to the person the page acts as. */
  api: null,
  /** What that person sees: { me, application, guilds, dms }. */
  view: null,
  guildId: null,
  channelId: null,
  /** Messages of the open channel, oldest first, and whether older ones remain. */
  messages: [],
  hasOlder: false,
  replyTo: null,
  editing: null,
  showMembers: window.innerWidth > 980,
};

export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function emit(name, detail) {
  for (const listener of listeners.get(name) ?? []) listener(detail);
}

/** Snowflakes are longer than a double is exact: compare them as big integers. */
export const newer = (a, b) => BigInt(a ?? 0) > BigInt(b ?? 0);

export const PERMISSION = {
  ADD_REACTIONS: 1n << 6n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  ATTACH_FILES: 1n << 15n,
  USE_APPLICATION_COMMANDS: 1n << 31n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
};

export const isThread = (channel) => [10, 11, 12].includes(channel.type);
export const isDm = (channel) => channel.type === 1 || channel.type === 3;
export const isText = (channel) => [0, 1, 2, 3, 5, 10, 11, 12, 13].includes(channel.type);

export function guild(id = store.guildId) {
  return store.view?.guilds.find((item) => item.id === id) ?? null;
}

export function channel(id = store.channelId) {
  if (!store.view || !id) return null;
  for (const item of store.view.guilds) {
    const found = item.channels.find((one) => one.id === id);
    if (found) return found;
  }
  return store.view.dms.find((one) => one.id === id) ?? null;
}

/** The guild a channel belongs to, or null for a direct message. */
export function guildOf(id) {
  return store.view?.guilds.find((item) => item.channels.some((one) => one.id === id)) ?? null;
}

/** Whether the person may do `permission` in a channel. Everything is allowed in a direct message. */
export function may(permission, where = channel()) {
  if (!where) return false;
  if (isDm(where)) return permission !== PERMISSION.MANAGE_MESSAGES;
  return (BigInt(where.permissions ?? 0) & permission) === permission;
}

export function member(userId, where = guild()) {
  return where?.members.find((item) => item.user.id === userId) ?? null;
}

export function displayName(user, where = guild()) {
  return member(user.id, where)?.nick || user.global_name || user.username;
}

/** The colour of the highest coloured role, as "#rrggbb", or null. */
export function roleColour(userId, where = guild()) {
  const roles = member(userId, where)?.roles ?? [];
  const coloured = (where?.roles ?? [])
    .filter((role) => roles.includes(role.id) && role.color)
    .sort((a, b) => b.position - a.position);
  return coloured.length > 0 ? hex(coloured[0].color) : null;
}

export const hex = (number) => `#${Number(number).toString(16).padStart(6, "0")}`;

// Which messages were read is a matter of this browser, so it stays here.

const readKey = () => `sandbox-read-${store.view.me.id}`;

function readMarks() {
  try {
    return JSON.parse(localStorage.getItem(readKey())) ?? null;
  } catch {
    return null;
  }
}

/** On the first visit as a person everything that is there counts as read. */
export function startReading() {
  if (readMarks()) return;
  const all = [...store.view.guilds.flatMap((item) => item.channels), ...store.view.dms];
  const newest = all.reduce((top, item) => (newer(item.last_message_id, top) ? item.last_message_id : top), "0");
  localStorage.setItem(readKey(), JSON.stringify({ all: newest, one: {} }));
}

export function isUnread(item) {
  const marks = readMarks();
  if (!marks || !item.last_message_id || item.id === store.channelId) return false;
  return newer(item.last_message_id, marks.all) && newer(item.last_message_id, marks.one[item.id]);
}

export function markRead(item) {
  const marks = readMarks();
  if (!marks || !item?.last_message_id) return;
  marks.one[item.id] = item.last_message_id;
  localStorage.setItem(readKey(), JSON.stringify(marks));
}
