// Discord's markdown as DOM nodes. Every word a person wrote ends in a text node.

import { h, outLink } from "./dom.js";
import { fullTime, markTime } from "./time.js";
import { channel, displayName, guild, hex, store } from "./store.js";

const MAX_DEPTH = 12;

/** Renders a whole message or embed text into a `div.content`. */
export function render(text, { jumbo = false } = {}) {
  const box = h("div.content", { class: jumbo && isOnlyEmoji(text) ? "jumbo" : "" });
  box.append(...blocks(text, 0));
  return box;
}

/** The same text without marks, on one line, for replies and labels. */
export function plain(text) {
  return render(text).textContent.replace(/\s+/gu, " ").trim();
}

function isOnlyEmoji(text) {
  return text.length < 120 && /^(?:\s|<a?:\w{2,32}:\d+>|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f)+$/u.test(text) && /\S/u.test(text);
}

function blocks(text, depth) {
  const nodes = [];
  const lines = text.split("\n");
  let run = [];
  const flush = () => {
    if (run.length > 0) nodes.push(...inline(run.join("\n"), depth));
    run = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line.includes("```")) {
      const rest = lines.slice(at).join("\n");
      const code = /^([\s\S]*?)```(?:([\w+#.-]{1,20})\n)?\n?([\s\S]*?)\n?```/u.exec(rest);
      if (code && !code[1].includes("\n") && code[3].trim()) {
        if (code[1]) run.push(code[1]);
        flush();
        nodes.push(h("pre", {}, h("code", {}, code[3])));
        const used = code[0].split("\n").length - 1;
        const after = lines[at + used].slice(code[0].split("\n").at(-1).length);
        at += used;
        if (after.trim()) {
          lines[at] = after;
          at -= 1;
        }
        continue;
      }
    }
    const heading = /^(#{1,3}) +(\S.*)$/u.exec(line);
    const small = /^-# +(\S.*)$/u.exec(line);
    if (heading) {
      flush();
      nodes.push(h(`h${heading[1].length}`, {}, ...inline(heading[2], depth + 1)));
    } else if (small) {
      flush();
      nodes.push(h("p.subtext", {}, ...inline(small[1], depth + 1)));
    } else if (/^>>> /u.test(line) && depth === 0) {
      flush();
      nodes.push(h("blockquote", {}, ...blocks([line.slice(4), ...lines.slice(at + 1)].join("\n"), depth + 1)));
      return nodes;
    } else if (/^> /u.test(line) && depth === 0) {
      flush();
      const quoted = [];
      while (at < lines.length && /^> /u.test(lines[at])) quoted.push(lines[at++].slice(2));
      at -= 1;
      nodes.push(h("blockquote", {}, ...blocks(quoted.join("\n"), depth + 1)));
    } else if (/^ *(?:[-*]|\d{1,9}\.) +\S/u.test(line)) {
      flush();
      const items = [];
      while (at < lines.length && /^ *(?:[-*]|\d{1,9}\.) +\S/u.test(lines[at])) items.push(lines[at++]);
      at -= 1;
      nodes.push(list(items, depth));
    } else {
      run.push(line);
    }
  }
  flush();
  return nodes;
}

function list(lines, depth) {
  const ITEM = /^( *)([-*]|(\d{1,9})\.) +(.*)$/u;
  const first = ITEM.exec(lines[0]);
  const box = first[3] ? h("ol", { start: first[3] }) : h("ul");
  const indent = first[1].length;
  for (let at = 0; at < lines.length; at += 1) {
    const item = ITEM.exec(lines[at]);
    if (item[1].length > indent + 1 && box.lastElementChild && depth < MAX_DEPTH) {
      const inner = [];
      while (at < lines.length && ITEM.exec(lines[at])[1].length > indent + 1) inner.push(lines[at++]);
      at -= 1;
      box.lastElementChild.append(list(inner, depth + 1));
    } else {
      box.append(h("li", {}, ...inline(item[4], depth + 1)));
    }
  }
  return box;
}

// One rule per mark, tried in this order at each special character.
const RULES = [
  [/^\\([^\w\s])/u, (m) => [m[1]]],
  [/^(`+)([^`](?:[\s\S]*?[^`])?)\1(?!`)/u, (m) => [h("code", {}, m[2].replace(/^ (.*) $/u, "$1"))]],
  [/^\*\*\*([^\s*](?:[\s\S]*?[^\s*])?)\*\*\*/u, (m, d) => [h("strong", {}, h("em", {}, ...inline(m[1], d)))]],
  [/^\*\*([\s\S]+?)\*\*(?!\*)/u, (m, d) => [h("strong", {}, ...inline(m[1], d))]],
  [/^__([\s\S]+?)__(?!_)/u, (m, d) => [h("u", {}, ...inline(m[1], d))]],
  [/^~~([\s\S]+?)~~/u, (m, d) => [h("s", {}, ...inline(m[1], d))]],
  [/^\|\|([\s\S]+?)\|\|/u, (m, d) => [spoiler(inline(m[1], d))]],
  [/^\*([^\s*](?:[^*]*?[^\s*])?)\*(?!\*)/u, (m, d) => [h("em", {}, ...inline(m[1], d))]],
  [/^_([^_]+?)_(?!\w)/u, (m, d) => [h("em", {}, ...inline(m[1], d))]],
  [/^\[([^\]\n]{1,400})\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/u, (m, d) => [outLink(m[2], ...inline(m[1], d))]],
  [/^<(https?:\/\/[^\s>]+)>/u, (m) => [outLink(m[1], m[1])]],
  [/^https?:\/\/[^\s<>]*[^\s<>.,:;"'\])!?*_~|]/u, (m) => [outLink(m[0], m[0])]],
  [/^<@!?(\d{1,20})>/u, (m) => [userMention(m[1])]],
  [/^<@&(\d{1,20})>/u, (m) => [roleMention(m[1])]],
  [/^<#(\d{1,20})>/u, (m) => [channelMention(m[1])]],
  [/^<\/([^:>\n]{1,100}):(\d{1,20})>/u, (m) => [h("span.mention", {}, `/${m[1]}`)]],
  [/^<(a?):(\w{2,32}):(\d{1,20})>/u, (m) => [customEmoji(m[3], m[2], m[1] === "a")]],
  [/^<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/u, (m) => [h("time.timestamp", { title: fullTime(new Date(Number(m[1]) * 1000)) }, markTime(Number(m[1]), m[2] ?? "f"))]],
  [/^@(everyone|here)\b/u, (m) => [h("span.mention", {}, m[0])]],
];

function inline(text, depth) {
  if (depth > MAX_DEPTH) return [text];
  const nodes = [];
  let words = "";
  let at = 0;
  while (at < text.length) {
    // Marks start with one of these characters; everything between them is copied in one piece.
    const gap = text.slice(at).search(/[\\`*_~|[<@]|https?:\/\//u);
    if (gap < 0) {
      words += text.slice(at);
      break;
    }
    words += text.slice(at, at + gap);
    at += gap;
    const rest = text.slice(at, at + 4000);
    const insideWord = text[at] === "_" && /\w/u.test(text[at - 1] ?? "");
    let hit = null;
    for (const [pattern, build] of insideWord ? [] : RULES) {
      hit = pattern.exec(rest);
      if (!hit) continue;
      if (words) nodes.push(words);
      words = "";
      nodes.push(...build(hit, depth + 1));
      at += hit[0].length;
      break;
    }
    if (!hit) {
      words += text[at];
      at += 1;
    }
  }
  if (words) nodes.push(words);
  return nodes;
}

function spoiler(children) {
  const cover = h("button.spoiler", { type: "button", "aria-expanded": "false", "aria-label": "Hidden text, press to show" }, h("span", {}, ...children));
  cover.addEventListener("click", (event) => {
    if (cover.classList.contains("open")) return;
    event.preventDefault();
    cover.classList.add("open");
    cover.setAttribute("aria-expanded", "true");
    cover.removeAttribute("aria-label");
  });
  return cover;
}

function userMention(id) {
  const known = guild()?.members.find((item) => item.user.id === id)?.user
    ?? store.people.find((item) => item.id === id)
    ?? store.view?.dms.flatMap((item) => item.recipients ?? []).find((item) => item.id === id);
  return h("span.mention", { "data-user": id }, `@${known ? displayName(known) : "unknown person"}`);
}

function roleMention(id) {
  const role = guild()?.roles.find((item) => item.id === id);
  return h("span.mention", { style: role?.color ? { "border-bottom": `2px solid ${hex(role.color)}` } : {} }, `@${role?.name ?? "deleted role"}`);
}

function channelMention(id) {
  const known = channel(id);
  if (!known) return h("span.mention", {}, "#no access");
  return h("a.mention", { href: `#/${store.guildId ?? "dm"}/${id}` }, `#${known.name}`);
}

/** A server's own emoji as a picture from the CDN; its name when the picture is gone. */
export function customEmoji(id, name, animated) {
  const picture = h("img.emoji", { src: `/cdn/emojis/${id}.${animated ? "gif" : "png"}?size=64`, alt: `:${name}:`, title: `:${name}:`, draggable: "false" });
  picture.addEventListener("error", () => picture.replaceWith(`:${name}:`));
  return picture;
}
