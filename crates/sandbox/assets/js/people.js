// Who the page acts as, and the menu that changes it.

import { arrowKeys, avatar, h, icon, keepFocus, popover } from "./dom.js";
import { emit, store } from "./store.js";

const box = document.getElementById("person");

/** The person named by ?as=, else the one remembered, else the first. */
export function chosenPerson() {
  const wanted = new URLSearchParams(location.search).get("as");
  const cookie = /(?:^|; )sandbox_person=(\d+)/u.exec(document.cookie)?.[1];
  return store.people.find((item) => item.username === wanted || item.id === wanted)
    ?? store.people.find((item) => item.id === cookie)
    ?? store.people[0];
}

/** Remembers the person in the address and, for the sign-in pages, in a cookie of the sandbox. */
export function rememberPerson(person) {
  const url = new URL(location.href);
  url.searchParams.set("as", person.username);
  history.replaceState(null, "", url);
  document.cookie = `sandbox_person=${person.id}; path=/; max-age=31536000; samesite=lax`;
}

export function drawPerson() {
  const me = store.view.me;
  const about = store.people.find((item) => item.id === me.id)?.about ?? me.username;
  const button = h("button.person-button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false" },
    avatar(me), h("span.visually-hidden", {}, "You are"), h("span.person-text", {}, h("strong", {}, me.global_name ?? me.username), h("small", {}, about)), icon("up"));
  button.addEventListener("click", () => menu(button));
  keepFocus(box, () => box.replaceChildren(button));
}

function menu(anchor) {
  const panel = h("div.menu", { role: "menu", "aria-label": "Act as" },
    h("p.menu-title", { role: "presentation" }, "Act as"),
    ...store.people.map((person, index) => h("button.menu-item", {
      type: "button",
      role: "menuitemradio",
      "aria-checked": String(person.id === store.view.me.id),
      autofocus: person.id === store.view.me.id,
      title: index < 9 ? `Alt+${index + 1}` : null,
      onclick: () => {
        close();
        emit("become", person);
      },
    }, avatar(person, "small"), h("span.person-text", {}, h("span", {}, person.global_name ?? person.username), h("small", {}, person.about)))));
  arrowKeys(panel, ".menu-item");
  const close = popover(anchor, panel);
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || !/^Digit[1-9]$/u.test(event.code)) return;
  const person = store.people[Number(event.code.at(-1)) - 1];
  if (!person) return;
  event.preventDefault();
  emit("become", person);
});
