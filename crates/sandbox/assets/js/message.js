// One message: who, when, what, and what can be done with it.

import { avatar, h, icon, iconButton, toast } from "./dom.js";
import { attachment } from "./attachments.js";
import { components } from "./components.js";
import { customEmoji, plain, render } from "./markdown.js";
import { embed } from "./embeds.js";
import { fullTime, shortTime } from "./time.js";
import { pickEmoji } from "./emoji.js";
import { PERMISSION, displayName, emit, guild, may, member, roleColour, store } from "./store.js";

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const SUPPRESS_EMBEDS = 1 << 2;
const CALLS = new Set([20, 23]);
const REPLY = 19;

export const isWhisper = (message) => Boolean(message.flags & EPHEMERAL);
const isSystem = (message) => ![0, REPLY, 20, 23, 21].includes(message.type);

/** Whether `message` continues the block of `previous`: same author, seven minutes, nothing above it. */
export function continues(previous, message) {
  return Boolean(previous)
    && previous.author.id === message.author.id
    && !isSystem(previous) && !isSystem(message)
    && message.type !== REPLY && !message.interaction_metadata
    && isWhisper(previous) === isWhisper(message)
    && new Date(message.timestamp) - new Date(previous.timestamp) < 420_000;
}

export function messageNode(message, previous) {
  const grouped = continues(previous, message);
  const when = new Date(message.timestamp);
  const name = displayName(message.author);
  const node = h("article.message", {
    "data-id": message.id,
    tabindex: "-1",
    "aria-label": `${name}, ${shortTime(when)}: ${summary(message)}`,
    class: [grouped ? "grouped" : "", isWhisper(message) ? "whisper" : "", mentionsMe(message) ? "mentions-me" : ""].join(" "),
  });
  if (message.type === REPLY || (message.message_reference && message.referenced_message !== undefined && message.type === 0)) node.append(replyLine(message));
  if (CALLS.has(message.type)) node.append(callLine(message));
  const time = h("time", { datetime: message.timestamp, title: fullTime(when) }, shortTime(when));
  node.append(h("div.gutter", {}, grouped || isSystem(message) ? time : avatar(message.author)));
  const body = h("div.body");
  if (!grouped && !isSystem(message)) {
    const colour = roleColour(message.author.id);
    body.append(h("div.byline", {},
      h("span.author", colour ? { style: { "text-decoration": `underline 2px ${colour}`, "text-underline-offset": "3px" } } : {}, name),
      message.author.bot ? h("span.tag", {}, message.webhook_id && !message.application_id ? "Webhook" : "App") : null,
      h("time", { datetime: message.timestamp, title: fullTime(when) }, shortTime(when))));
  }
  body.append(...contentOf(message));
  node.append(body);
  if (!isWhisper(message)) node.append(tools(message));
  return node;
}

function contentOf(message) {
  if (isSystem(message)) return [h("p.system", {}, systemText(message))];
  if (message.flags & LOADING && !message.edited_timestamp) return [h("p.thinking", {}, "Thinking"), whisperNote(message)].filter(Boolean);
  const parts = [];
  if (store.editing === message.id) parts.push(editor(message));
  else if (message.content) {
    const text = render(message.content, { jumbo: true });
    if (message.edited_timestamp) text.append(" ", h("span.edited", { title: fullTime(new Date(message.edited_timestamp)) }, "(edited)"));
    parts.push(text);
  }
  if (message.attachments?.length) {
    const named = JSON.stringify(message.components ?? []);
    const loose = message.attachments.filter((file) => !named.includes(`attachment://${file.filename}`));
    if (loose.length > 0) parts.push(h("div.attachments", {}, ...loose.map(attachment)));
  }
  if (message.embeds?.length && !(message.flags & SUPPRESS_EMBEDS)) parts.push(...message.embeds.map(embed));
  if (message.components?.length) parts.push(components(message));
  if (message.reactions?.length) parts.push(reactions(message));
  const note = whisperNote(message);
  if (note) parts.push(note);
  return parts;
}

function whisperNote(message) {
  if (!isWhisper(message)) return null;
  const dismiss = h("button", { type: "button", onclick: () => emit("dismiss", message.id) }, "Dismiss");
  return h("p.whisper-note", {}, icon("eye"), "Only you can see this.", dismiss);
}

/** A short reading of a message for labels, replies and lists. */
export function summary(message) {
  if (isSystem(message)) return systemText(message);
  const text = message.content || textOf(message.components) || message.embeds?.[0]?.title || message.embeds?.[0]?.description;
  if (text) return plain(text).slice(0, 140);
  if (message.attachments?.length) return message.attachments.map((file) => file.filename).join(", ");
  return message.flags & LOADING ? "Thinking" : "A message without text";
}

function textOf(list = []) {
  for (const item of list) {
    const found = item.content ?? textOf(item.components);
    if (found) return found;
  }
  return "";
}

function systemText(message) {
  const name = displayName(message.author);
  switch (message.type) {
    case 1: return `${name} added someone to the thread.`;
    case 2: return `${name} removed someone from the thread.`;
    case 4: return `${name} changed the name to ${message.content}.`;
    case 6: return `${name} pinned a message.`;
    case 7: return `${name} joined the server.`;
    case 18: return `${name} started a thread: ${message.content}`;
    default: return message.content ? plain(message.content) : `${name} did something this page has no words for.`;
  }
}

function mentionsMe(message) {
  const me = store.view.me;
  if (message.author.id === me.id) return false;
  const roles = member(me.id)?.roles ?? [];
  return message.mention_everyone
    || message.mentions?.some((user) => user.id === me.id)
    || message.mention_roles?.some((role) => roles.includes(role));
}

function replyLine(message) {
  const to = message.referenced_message;
  if (!to) return h("span.reply-to", {}, icon("reply"), h("span.excerpt", {}, "The message was deleted."));
  return h("button.reply-to", { type: "button", onclick: () => emit("jump", to.id) },
    icon("reply"), h("span.visually-hidden", {}, "In reply to"), h("strong", {}, displayName(to.author)), h("span.excerpt", {}, summary(to)));
}

function callLine(message) {
  const call = message.interaction_metadata ?? message.interaction;
  const who = call?.user ?? message.interaction?.user;
  const command = message.interaction?.name ?? call?.name;
  if (!who) return h("span");
  return h("span.reply-to", {}, icon("reply"), h("span.excerpt", {}, command ? `${displayName(who)} used /${command}` : `${displayName(who)} asked`));
}

function reactions(message) {
  return h("div.reactions", {}, ...message.reactions.map((item) => {
    const key = item.emoji.id ? `${item.emoji.name}:${item.emoji.id}` : item.emoji.name;
    const act = item.me ? store.api.unreact : store.api.react;
    return h("button.reaction", {
      type: "button",
      "aria-pressed": String(Boolean(item.me)),
      "aria-label": `${item.emoji.name}, ${item.count}`,
      onclick: () => act(message.channel_id, message.id, key).catch((error) => toast(error.message)),
    }, item.emoji.id ? customEmoji(item.emoji.id, item.emoji.name, item.emoji.animated) : item.emoji.name, h("span", {}, item.count));
  }));
}

function tools(message) {
  const mine = message.author.id === store.view.me.id;
  const react = may(PERMISSION.ADD_REACTIONS) && iconButton("smile", "Add a reaction", (event) => pickEmoji(event.currentTarget, (key) => store.api.react(message.channel_id, message.id, key).catch((error) => toast(error.message))));
  const reply = may(PERMISSION.SEND_MESSAGES) && !isSystem(message) && iconButton("reply", "Reply", () => {
    store.replyTo = message;
    emit("reply");
  });
  const edit = mine && !isSystem(message) && iconButton("edit", "Edit", () => emit("edit", message.id));
  const remove = (mine || may(PERMISSION.MANAGE_MESSAGES)) && iconButton("trash", "Delete", () => store.api.remove(message.channel_id, message.id).catch((error) => toast(error.message)));
  return h("div.tools", { role: "group", "aria-label": "Actions" }, react, reply, edit, remove);
}

function editor(message) {
  const box = h("textarea.edit-box", { "aria-label": "Edit the message", rows: Math.min(10, message.content.split("\n").length) });
  box.value = message.content;
  box.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      emit("edit", null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      try {
        if (box.value.trim() !== message.content) await store.api.edit(message.channel_id, message.id, box.value.trim());
        emit("edit", null);
      } catch (error) {
        toast(error.message);
      }
    }
  });
  queueMicrotask(() => {
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
  return h("div", {}, box, h("p.edit-note", {}, "Enter saves, Escape cancels."));
}

/** Where a message stands in words, for the heading of the reply bar. */
export const replyTitle = (message) => `Replying to ${displayName(message.author, guild())}`;
