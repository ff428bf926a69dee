// Writing: text, files, replies, suggestions for people and channels, and the way into commands.

import { h, icon, iconButton, toast } from "./dom.js";
import { size } from "./attachments.js";
import { commandForm, commandList } from "./commands.js";
import { pickEmoji } from "./emoji.js";
import { replyTitle } from "./message.js";
import { Suggest } from "./suggest.js";
import { PERMISSION, channel, displayName, emit, guild, isDm, isText, isThread, may, on, store } from "./store.js";

const MAX_LENGTH = 2000;
const MAX_FILES = 10;
const box = document.getElementById("composer");
const room = document.getElementById("room");

/** Unsent words and files by person and channel: switching away keeps them. */
const drafts = new Map();
const draftKey = () => `${store.view.me.id}/${store.channelId}`;

let input = null;
let parts = {};
let running = null;

export function drawComposer({ keep = false } = {}) {
  const open = channel();
  const allowed = open && isText(open) && may(isThread(open) ? PERMISSION.SEND_MESSAGES_IN_THREADS : PERMISSION.SEND_MESSAGES);
  if (!allowed) {
    input = null;
    box.replaceChildren(...(open ? [h("p.refused", {}, "You can read here, but not write.")] : []));
    return;
  }
  if (keep && input && parts.key === draftKey()) return;
  running = null;
  const draft = drafts.get(draftKey()) ?? { text: "", files: [] };
  drafts.set(draftKey(), draft);
  input = h("textarea", {
    id: "composer-input",
    rows: "1",
    placeholder: isDm(open) || isThread(open) ? `Write to ${open.name}` : `Write in #${open.name}`,
    "aria-label": isDm(open) ? `Write to ${open.name}` : `Write in ${open.name}`,
    "aria-autocomplete": "list",
    "aria-controls": "suggestions",
  });
  input.value = draft.text;
  const chooser = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach" });
  chooser.addEventListener("change", () => {
    attach([...chooser.files]);
    chooser.value = "";
  });
  parts = { key: draftKey(), draft, error: h("p.composer-error", { role: "alert", hidden: true }), reply: h("div"), uploads: h("div"), command: h("div"), suggest: new Suggest(input) };
  const line = h("div.composer-line", {},
    may(PERMISSION.ATTACH_FILES) ? iconButton("plus", "Attach files", () => chooser.click()) : null,
    chooser,
    input,
    iconButton("smile", "Insert an emoji", (event) => pickEmoji(event.currentTarget, (sign) => insert(sign.includes(":") ? `<:${sign}>` : sign))),
    iconButton("send", "Send", send));
  parts.line = line;
  box.replaceChildren(parts.suggest.list, h("div.composer-box", {}, parts.reply, parts.uploads, parts.command, line), parts.error);
  input.addEventListener("input", () => {
    draft.text = input.value;
    grow();
    suggest();
  });
  input.addEventListener("keydown", keys);
  input.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach([...event.clipboardData.files]);
  });
  drawReply();
  drawUploads();
  grow();
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight}px`;
}

function insert(text) {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input"));
  input.focus();
}

function say(text) {
  parts.error.textContent = text;
  parts.error.hidden = !text;
}

function keys(event) {
  if (event.isComposing) return;
  if (parts.suggest.handles(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape" && store.replyTo) {
    store.replyTo = null;
    drawReply();
  } else if (event.key === "ArrowUp" && input.value === "") {
    const mine = store.messages.findLast((message) => message.author.id === store.view.me.id && (message.type === 0 || message.type === 19));
    if (!mine) return;
    event.preventDefault();
    emit("edit", mine.id);
  }
}

async function send() {
  if (!input || input.disabled) return;
  const { draft, key } = parts;
  const content = input.value.trim();
  if (!content && draft.files.length === 0) return;
  if ([...content].length > MAX_LENGTH) {
    say(`A message holds ${MAX_LENGTH} characters; this one has ${[...content].length}.`);
    return;
  }
  const payload = { content };
  if (store.replyTo) payload.message_reference = { message_id: store.replyTo.id };
  const files = draft.files;
  const kept = { text: input.value, reply: store.replyTo };
  // The box is free for the next words at once; a refusal brings these back.
  Object.assign(draft, { text: "", files: [] });
  input.value = "";
  store.replyTo = null;
  say("");
  drawReply();
  drawUploads();
  grow();
  try {
    await store.api.send(key.split("/")[1], payload, files);
  } catch (error) {
    Object.assign(draft, { text: kept.text, files });
    if (parts.key !== key) return;
    store.replyTo = kept.reply;
    input.value = kept.text;
    drawReply();
    drawUploads();
    grow();
    say(error.message);
  }
}

function attach(files) {
  if (!may(PERMISSION.ATTACH_FILES)) {
    toast("You may not attach files here.");
    return;
  }
  const all = [...parts.draft.files, ...files];
  if (all.length > MAX_FILES) toast(`A message holds ${MAX_FILES} files.`);
  parts.draft.files = all.slice(0, MAX_FILES);
  drawUploads();
  input.focus();
}

function drawUploads() {
  const { draft } = parts;
  parts.uploads.className = draft.files.length > 0 ? "uploads" : "";
  parts.uploads.replaceChildren(...draft.files.map((file) => {
    const remove = iconButton("close", `Remove ${file.name}`, () => {
      draft.files = draft.files.filter((one) => one !== file);
      drawUploads();
      input.focus();
    });
    const face = file.type.startsWith("image/") ? thumbnail(file) : icon("file");
    return h("div.upload", {}, face, h("span", { title: file.name }, `${file.name} (${size(file.size)})`), remove);
  }));
}

function thumbnail(file) {
  const address = URL.createObjectURL(file);
  const face = h("img", { src: address, alt: "" });
  face.addEventListener("load", () => URL.revokeObjectURL(address));
  return face;
}

function drawReply() {
  parts.reply.className = store.replyTo ? "composer-bar" : "";
  parts.reply.replaceChildren(...(store.replyTo ? [
    h("span", {}, replyTitle(store.replyTo)),
    iconButton("close", "Do not reply", () => {
      store.replyTo = null;
      drawReply();
      input.focus();
    }),
  ] : []));
}

on("reply", () => {
  if (!input) return;
  drawReply();
  input.focus();
});

function suggest() {
  const before = input.value.slice(0, input.selectionStart);
  if (/^\/[^\n]*$/u.test(input.value)) {
    const wanted = input.value.slice(1).toLowerCase();
    const where = store.channelId;
    commandList().then((list) => {
      if (!input || store.channelId !== where || !input.value.startsWith("/")) return;
      const fitting = list.filter((item) => item.name.startsWith(wanted)).concat(list.filter((item) => !item.name.startsWith(wanted) && item.name.includes(wanted)));
      parts.suggest.show(fitting.slice(0, 25).map((item) => ({ label: `/${item.name}`, about: item.description, pick: () => startCommand(item) })), "No such command here.");
    }).catch((error) => toast(error.message));
    return;
  }
  const mark = /(?:^|\s)([@#])([\p{L}\p{N}_-]*)$/u.exec(before);
  const home = guild();
  if (!mark || !home) {
    parts.suggest.hide();
    return;
  }
  const [, sign, word] = mark;
  const wanted = word.toLowerCase();
  const put = (text) => {
    input.setRangeText(`${text} `, input.selectionStart - word.length - 1, input.selectionStart, "end");
    input.dispatchEvent(new Event("input"));
  };
  const people = () => home.members
    .filter((one) => `${displayName(one.user)} ${one.user.username}`.toLowerCase().includes(wanted))
    .map((one) => ({ label: displayName(one.user), about: one.user.username, pick: () => put(`<@${one.user.id}>`) }));
  const roles = () => home.roles
    .filter((role) => role.mentionable && role.id !== home.id && role.name.toLowerCase().includes(wanted))
    .map((role) => ({ label: `@${role.name}`, about: "role", pick: () => put(`<@&${role.id}>`) }));
  const channels = () => home.channels
    .filter((item) => item.type !== 4 && item.name.toLowerCase().includes(wanted))
    .map((item) => ({ label: `#${item.name}`, about: "", pick: () => put(`<#${item.id}>`) }));
  const found = sign === "@" ? [...people(), ...roles()] : channels();
  parts.suggest.show(found.slice(0, 10));
}

function startCommand(command) {
  parts.suggest.hide();
  input.value = "";
  parts.draft.text = "";
  grow();
  running = command;
  parts.line.hidden = true;
  const done = () => {
    if (running !== command) return;
    running = null;
    parts.command.replaceChildren();
    parts.line.hidden = false;
    input.focus();
  };
  const form = commandForm(command, done);
  parts.command.replaceChildren(form);
  (form.querySelector("input, select, textarea") ?? form.querySelector("button[type=submit]")).focus();
}

for (const [type, active] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  room.addEventListener(type, (event) => {
    if (!input || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    room.classList.toggle("dragging", active);
    if (type === "drop") attach([...event.dataTransfer.files]);
  });
}
