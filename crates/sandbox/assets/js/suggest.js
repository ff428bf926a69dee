// A list of suggestions over a text field (the combobox pattern: the focus stays in the field).

import { h } from "./dom.js";

export class Suggest {
  /** `input` is a text field or, to announce the list's state, a combobox. The caller places `list`. */
  constructor(input, id = "suggestions") {
    this.input = input;
    this.id = id;
    this.items = [];
    this.at = 0;
    this.list = h("div.suggest", { id, role: "listbox", "aria-label": "Suggestions", hidden: true });
    input.addEventListener("blur", () => setTimeout(() => this.hide(), 120));
  }

  /** Shows items [{ label, about, pick }]; without any, `empty` or nothing. */
  show(items, empty = "") {
    this.items = items;
    this.at = 0;
    this.list.hidden = items.length === 0 && !empty;
    this.list.replaceChildren(...items.map((item, index) => h("div", {
      role: "option",
      id: `${this.id}-${index}`,
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => this.pick(index),
    }, h("span", {}, item.label), item.about ? h("small", {}, item.about) : null)));
    if (items.length === 0 && empty) this.list.append(h("p.menu-title", {}, empty));
    this.mark();
  }

  hide() {
    this.items = [];
    this.list.hidden = true;
    this.list.replaceChildren();
    this.expanded(false);
    this.input.removeAttribute("aria-activedescendant");
  }

  /** Several lines of text cannot be a combobox, so only a real one says that it is open. */
  expanded(open) {
    if (this.input.getAttribute("role") === "combobox") this.input.setAttribute("aria-expanded", String(open));
  }

  mark() {
    [...this.list.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === this.at)));
    this.expanded(this.items.length > 0);
    const active = this.list.children[this.at];
    if (this.items.length > 0 && active) {
      this.input.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  pick(index) {
    const item = this.items[index];
    this.hide();
    item.pick();
  }

  /** Takes a key press when the list is open; true when it did. */
  handles(event) {
    if (this.items.length === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.items.length) % this.items.length;
      this.mark();
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.pick(this.at);
    } else if (event.key === "Escape") {
      this.hide();
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
