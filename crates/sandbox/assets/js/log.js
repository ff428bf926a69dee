// The list of messages of the open channel.

import { h, toast } from "./dom.js";
import { dayName, sameDay } from "./time.js";
import { render } from "./markdown.js";
import { messageNode } from "./message.js";
import { channel, emit, isDm, isThread, markRead, newer, on, store } from "./store.js";

const PAGE = 50;
const log = document.getElementById("log");

/** Whispers that were waved away: they stay away until the page is loaded again. */
const dismissed = new Set();
/** Whether the newest message was in sight when the list last scrolled or grew. */
let pinned = true;
const atFoot = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
const toFoot = () => {
  log.scrollTop = log.scrollHeight;
  pinned = true;
};

/** Reads the newest messages of the open channel and shows them. */
export async function openLog() {
  const id = store.channelId;
  store.messages = [];
  store.hasOlder = false;
  store.editing = null;
  if (!id) {
    log.replaceChildren();
    return;
  }
  try {
    const page = await store.api.messages(id, { limit: PAGE });
    if (store.channelId !== id) return;
    store.messages = page.reverse().filter((message) => !dismissed.has(message.id));
    store.hasOlder = page.length === PAGE;
  } catch (error) {
    toast(error.message);
  }
  draw();
  toFoot();
  seen();
}

async function older() {
  const id = store.channelId;
  const height = log.scrollHeight - log.scrollTop;
  const page = await store.api.messages(id, { limit: PAGE, before: store.messages[0].id });
  if (store.channelId !== id) return;
  store.messages = [...page.reverse(), ...store.messages];
  store.hasOlder = page.length === PAGE;
  draw();
  log.scrollTop = log.scrollHeight - height;
}

function draw() {
  const nodes = [store.hasOlder
    ? h("div.log-more", {}, h("button.button", { type: "button", onclick: () => older().catch((error) => toast(error.message)) }, "Show earlier messages"))
    : beginning()];
  store.messages.forEach((message, index) => nodes.push(...nodesFor(message, store.messages[index - 1])));
  log.replaceChildren(...nodes.filter(Boolean));
  rove();
}

function beginning() {
  const open = channel();
  if (!open) return null;
  const title = isDm(open) ? `Your conversation with ${open.name}` : isThread(open) ? open.name : `Welcome to #${open.name}`;
  return h("div.log-start", {}, h("h2", {}, title), open.topic ? render(open.topic) : h("p", {}, isDm(open) ? "Only the two of you can read this." : "This is where the channel begins."));
}

function nodesFor(message, previous) {
  const when = new Date(message.timestamp);
  const first = !previous || !sameDay(new Date(previous.timestamp), when);
  return [first ? h("div.day", { "data-day": message.id }, dayName(when)) : null, messageNode(message, first ? null : previous)];
}

function seen() {
  const open = channel();
  const last = store.messages.at(-1);
  if (open && last && !document.hidden) {
    if (newer(last.id, open.last_message_id) && !(last.flags & 64)) open.last_message_id = last.id;
    markRead(open);
    emit("read");
  }
}

/** One message in the list can be reached by Tab: the last, or the one the arrow keys moved to. */
function rove(target = log.querySelector(".message:last-of-type")) {
  log.querySelectorAll('.message[tabindex="0"]').forEach((node) => node.setAttribute("tabindex", "-1"));
  (target ?? [...log.querySelectorAll(".message")].at(-1))?.setAttribute("tabindex", "0");
}

const find = (id) => store.messages.findIndex((message) => message.id === id);

function redraw(index) {
  const message = store.messages[index];
  const old = log.querySelector(`.message[data-id="${message.id}"]`);
  if (!old) return;
  const stay = atFoot();
  const focused = old.contains(document.activeElement);
  const previous = store.messages[index - 1];
  const first = log.querySelector(`[data-day="${message.id}"]`);
  const fresh = messageNode(message, first ? null : previous);
  old.replaceWith(fresh);
  rove(fresh);
  if (focused && store.editing !== message.id) fresh.focus({ preventScroll: true });
  if (stay) toFoot();
}

export function added(message) {
  if (message.channel_id !== store.channelId || dismissed.has(message.id)) return;
  if (find(message.id) >= 0) {
    changed(message);
    return;
  }
  const stay = atFoot() || message.author.id === store.view.me.id;
  const nodes = nodesFor(message, store.messages.at(-1)).filter(Boolean);
  store.messages.push(message);
  nodes.at(-1).classList.add("arrived");
  log.append(...nodes);
  rove(nodes.at(-1));
  if (stay) toFoot();
  seen();
}

export function changed(message) {
  const index = find(message.id);
  if (index < 0) return;
  store.messages[index] = { ...store.messages[index], ...message };
  redraw(index);
}

export function removed(ids) {
  const gone = new Set(ids);
  const before = store.messages.length;
  store.messages = store.messages.filter((message) => !gone.has(message.id));
  store.messages.forEach((message) => {
    if (message.referenced_message && gone.has(message.referenced_message.id)) message.referenced_message = null;
  });
  if (store.messages.length === before) return;
  const at = log.scrollTop;
  draw();
  log.scrollTop = at;
}

export function jump(id) {
  const node = log.querySelector(`.message[data-id="${id}"]`);
  if (!node) {
    toast("That message is further up. Show earlier messages first.");
    return;
  }
  rove(node);
  node.focus();
  node.scrollIntoView({ block: "center" });
}

on("dismiss", (id) => {
  dismissed.add(id);
  removed([id]);
});
on("jump", jump);
on("edit", (id) => {
  const before = store.editing;
  store.editing = id;
  for (const one of [before, id]) {
    const index = one ? find(one) : -1;
    if (index >= 0) redraw(index);
  }
  if (!id) document.getElementById("composer-input")?.focus();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && store.view) seen();
});
// A picture that arrives or a composer that grows must not push the newest message out of sight.
log.addEventListener("scroll", () => {
  pinned = atFoot();
});
log.addEventListener("load", () => pinned && toFoot(), true);
new ResizeObserver(() => pinned && toFoot()).observe(log);
log.addEventListener("keydown", (event) => {
  const here = event.target.closest(".message");
  if (!here || event.target !== here) return;
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (step) {
    let next = here[step];
    while (next && !next.matches(".message")) next = next[step];
    if (!next) return;
    event.preventDefault();
    rove(next);
    next.focus();
    return;
  }
  const key = { e: "Edit", r: "Reply", "+": "Add a reaction", Delete: "Delete" }[event.key];
  const tool = key && !event.ctrlKey && !event.metaKey && !event.altKey ? here.querySelector(`.tools [aria-label="${key}"]`) : null;
  if (tool) {
    event.preventDefault();
    tool.click();
  }
});
