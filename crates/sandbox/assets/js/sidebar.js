// Servers, the channels one can see, and the room's heading.

import { arrowKeys, h, icon, iconButton, initials, keepFocus, toast } from "./dom.js";
import { plain } from "./markdown.js";
import { channel, emit, guild, isDm, isText, isThread, isUnread, on, store } from "./store.js";

const servers = document.getElementById("servers");
const box = document.getElementById("channels");
const head = document.getElementById("room-head");
const app = document.getElementById("app");
const scrim = document.getElementById("scrim");

const byPlace = (a, b) => (a.position ?? 0) - (b.position ?? 0) || (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
const kindIcon = (item) => {
  if (isThread(item)) return "thread";
  if (isDm(item)) return "mail";
  if (item.type === 2 || item.type === 13) return "voice";
  if (item.type === 5) return "news";
  return item.private ? "lock" : "hash";
};

export const address = (item) => `#/${isDm(item) ? "dm" : item.guild_id}/${item.id}`;

/** The first channel of a server that can be read, in the order of the list. */
export function firstChannel(home) {
  return arranged(home).flatMap((part) => part.items).find(isText) ?? null;
}

/** A server's channels as [{ category, items }], threads under their parents. */
function arranged(home) {
  const channels = home.channels.filter((item) => item.type !== 4 && !isThread(item));
  const threads = home.channels.filter(isThread);
  const withThreads = (items) => items.sort(byPlace).flatMap((item) => [item, ...threads.filter((one) => one.parent_id === item.id)]);
  const categories = home.channels.filter((item) => item.type === 4).sort(byPlace);
  const known = new Set(categories.map((item) => item.id));
  const parts = [{ category: null, items: withThreads(channels.filter((item) => !known.has(item.parent_id))) }];
  for (const category of categories) parts.push({ category, items: withThreads(channels.filter((item) => item.parent_id === category.id)) });
  return parts.filter((part) => part.items.length > 0);
}

export function drawSidebar() {
  keepFocus(servers, drawServers);
  keepFocus(box, drawChannels);
}

function drawServers() {
  const unreadDm = store.view.dms.some(isUnread);
  servers.replaceChildren(
    h("button.server", { type: "button", title: "Direct messages", "aria-label": unreadDm ? "Direct messages, unread" : "Direct messages", "aria-current": String(store.guildId === null), class: unreadDm ? "unread" : "", onclick: () => emit("go", { guild: null }) }, icon("mail")),
    ...store.view.guilds.map((home) => {
      const unread = home.channels.some(isUnread);
      const face = home.icon ? h("img", { src: `/cdn/icons/${home.id}/${home.icon}.png?size=64`, alt: "" }) : h("span", { "aria-hidden": "true" }, initials(home.name));
      return h("button.server", { type: "button", title: home.name, "aria-current": String(home.id === store.guildId), class: unread ? "unread" : "", onclick: () => emit("go", { guild: home.id }) }, face, h("span.visually-hidden", {}, unread ? `${home.name}, unread` : home.name));
    }),
  );
}

function drawChannels() {
  const home = guild();
  if (!home) {
    const list = [...store.view.dms].sort((a, b) => (BigInt(b.last_message_id ?? 0) > BigInt(a.last_message_id ?? 0) ? 1 : -1));
    box.replaceChildren(h("h2", {}, "Direct messages"), h("nav", { "aria-label": "Conversations" }, h("ul", {}, ...list.map(row))));
    if (list.length === 0) box.append(h("p.empty", {}, "No conversations yet. Choose a person in a server's member list to begin one."));
    if (store.view.elsewhere.length > 0) box.append(h("h3", {}, "Servers you are not on"), h("ul", {}, ...store.view.elsewhere.map(joinable)));
    return;
  }
  const nav = h("nav", { "aria-label": `Channels of ${home.name}` });
  for (const part of arranged(home)) {
    if (part.category) nav.append(h("h3", {}, part.category.name));
    nav.append(h("ul", {}, ...part.items.map(row)));
  }
  box.replaceChildren(h("h2", {}, home.name), nav);
}

function joinable(home) {
  const button = h("button.button", { type: "button" }, `Join ${home.name}`);
  button.addEventListener("click", async () => {
    try {
      await store.api.join(home.id);
      emit("go", { guild: home.id, fresh: true });
    } catch (error) {
      toast(error.message);
    }
  });
  return h("li", {}, button);
}

function row(item) {
  const unread = isUnread(item);
  const link = h("a.channel", {
    href: address(item),
    class: [unread ? "unread" : "", isThread(item) ? "thread" : ""].join(" "),
    "aria-current": item.id === store.channelId ? "page" : null,
  }, icon(kindIcon(item)), h("span.name", {}, item.name), unread ? h("span.dot", { "aria-hidden": "true" }) : null, unread ? h("span.visually-hidden", {}, "unread") : null);
  return h("li", {}, link);
}

export function drawHead() {
  const open = channel();
  const anyUnread = [...store.view.guilds.flatMap((home) => home.channels), ...store.view.dms].some(isUnread);
  const menu = iconButton("menu", anyUnread ? "Servers and channels, unread" : "Servers and channels", () => toggleMenu(true), { "aria-expanded": "false", "aria-controls": "sidebar", id: "menu-button" });
  menu.classList.add("menu-button");
  const title = h("div.room-title", {},
    h("h1", {}, open ? icon(kindIcon(open)) : null, h("span", {}, open ? open.name : "Sandbox")),
    open?.topic ? h("p", { title: plain(open.topic) }, plain(open.topic)) : null);
  const people = guild() ? iconButton("people", "Members", () => {
    store.showMembers = !store.showMembers;
    emit("members");
    document.getElementById("members-button")?.focus();
  }, { "aria-expanded": String(store.showMembers), "aria-controls": "members", id: "members-button" }) : null;
  keepFocus(head, () => head.replaceChildren(menu, title, ...(people ? [people] : [])));
  document.title = open ? `${isDm(open) ? "" : "#"}${open.name} · Sandbox` : "Sandbox chat";
}

/** Opens or closes the side bar where it lies over the room. */
export function toggleMenu(open) {
  app.classList.toggle("menu-open", open);
  scrim.hidden = !open;
  document.getElementById("menu-button")?.setAttribute("aria-expanded", String(open));
  if (open) servers.querySelector("[aria-current=true]")?.focus();
}

scrim.addEventListener("click", () => toggleMenu(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && app.classList.contains("menu-open")) {
    toggleMenu(false);
    document.getElementById("menu-button")?.focus();
  }
});
arrowKeys(box, "a.channel");
arrowKeys(servers, ".server");
on("read", () => {
  drawSidebar();
  drawHead();
});
