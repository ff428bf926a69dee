// What can be chosen in each kind of select menu, and the pop-over to choose in.

import { arrowKeys, avatar, h, popover } from "./dom.js";
import { customEmoji } from "./markdown.js";
import { displayName, guild, hex, store } from "./store.js";

export const SELECT = { STRING: 3, USER: 5, ROLE: 6, MENTIONABLE: 7, CHANNEL: 8 };
export const isSelect = (component) => Object.values(SELECT).includes(component.type);

/** An emoji of a button or option: a character or a server's own picture. */
export function emojiOf(emoji) {
  if (!emoji) return null;
  return emoji.id ? customEmoji(emoji.id, emoji.name ?? "emoji", emoji.animated) : h("span", { "aria-hidden": "true" }, emoji.name ?? "");
}

/** The options of a select: [{ value, label, description, mark, preset }]. */
export function optionsOf(component) {
  const preset = new Set((component.default_values ?? []).map((item) => item.id));
  const chosen = (option) => ({ ...option, preset: preset.has(option.value) });
  const here = guild();
  const people = () => (here ? here.members.map((item) => item.user) : peopleOfDm())
    .map((user) => ({ value: user.id, label: displayName(user), description: user.username, mark: () => avatar(user, "small") }));
  const roles = () => (here?.roles ?? []).filter((role) => role.id !== here.id)
    .sort((a, b) => b.position - a.position)
    .map((role) => ({ value: role.id, label: `@${role.name}`, mark: () => dot(role.color) }));
  switch (component.type) {
    case SELECT.USER:
      return people().map(chosen);
    case SELECT.ROLE:
      return roles().map(chosen);
    case SELECT.MENTIONABLE:
      return [...roles(), ...people()].map(chosen);
    case SELECT.CHANNEL:
      return (here?.channels ?? [])
        .filter((item) => !component.channel_types?.length || component.channel_types.includes(item.type))
        .map((item) => chosen({ value: item.id, label: item.type === 4 ? item.name : `#${item.name}` }));
    default:
      return (component.options ?? []).map((option) => ({
        value: option.value,
        label: option.label,
        description: option.description,
        mark: option.emoji ? () => emojiOf(option.emoji) : null,
        preset: Boolean(option.default),
      }));
  }
}

function peopleOfDm() {
  const open = store.view.dms.find((item) => item.id === store.channelId);
  return [store.view.me, ...(open?.recipients ?? [])];
}

const dot = (colour) => h("span.swatch", { style: colour ? { "--dot": hex(colour) } : {}, "aria-hidden": "true" });

/**
 * Opens a list beside `anchor` with a filter. With `max` 1 a press chooses at once; otherwise presses
 * collect and a button applies them. Calls `done(values)`; closing without choosing calls nothing.
 */
export function choose(anchor, { options, min = 1, max = 1, label, chosen = [] }, done) {
  const picked = new Set(chosen);
  const list = h("div.choice-list", { role: "listbox", "aria-label": label, "aria-multiselectable": String(max > 1) });
  const apply = h("button.button.primary", { type: "button" }, "Apply");
  const problem = h("small", { role: "status" });
  const filter = h("input", { type: "search", placeholder: "Search", "aria-label": `Search ${label}`, autofocus: true });
  const panel = h("div.choices", {}, options.length > 7 ? filter : null, list, max > 1 || min === 0 ? h("div.slash-foot", {}, problem, apply) : null);

  const refresh = () => {
    const wanted = filter.value.trim().toLowerCase();
    list.replaceChildren(...options
      .filter((option) => `${option.label} ${option.description ?? ""}`.toLowerCase().includes(wanted))
      .map((option) => h("button.choice", { type: "button", role: "option", "data-value": option.value, "aria-selected": String(picked.has(option.value)), onclick: () => press(option) },
        option.mark?.(),
        h("span.texts", {}, h("span", {}, option.label), option.description ? h("small", {}, option.description) : null))));
    if (list.children.length === 0) list.append(h("p.empty", {}, "Nothing matches."));
    problem.textContent = max > 1 ? `${picked.size} of ${min === max ? max : `${min}–${max}`}` : "";
    apply.disabled = picked.size < min || picked.size > max;
  };
  const press = (option) => {
    if (max === 1 && min > 0) {
      close();
      done([option.value]);
      return;
    }
    if (picked.has(option.value)) picked.delete(option.value);
    else if (max === 1) {
      picked.clear();
      picked.add(option.value);
    } else if (picked.size < max) picked.add(option.value);
    refresh();
    list.querySelector(`[data-value="${CSS.escape(option.value)}"]`)?.focus();
  };
  apply.addEventListener("click", () => {
    close();
    done(options.map((option) => option.value).filter((value) => picked.has(value)));
  });
  filter.addEventListener("input", refresh);
  refresh();
  arrowKeys(panel, "input[type=search], .choice");
  const close = popover(anchor, panel);
}
