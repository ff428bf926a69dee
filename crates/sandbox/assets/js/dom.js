// Building elements. Text always becomes a text node: this page never parses HTML.

/**
 * h("button.icon-button", { type: "button", onclick }, "text", node, null)
 * Properties starting with "on" are listeners; "style" is an object of CSS properties set through
 * the CSSOM (which a `style-src 'self'` policy allows); null, undefined and false leave an attribute out.
 */
export function h(selector, props, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name === "value") element.value = value;
    else if (name === "class") element.classList.add(...String(value).split(" ").filter(Boolean));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6L6 18",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.6-3.6 3-5.5 6.5-5.5s5.9 1.9 6.5 5.5M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.8c2 .7 3.1 2.4 3.5 5.2",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  thread: "M6 4v9a4 4 0 0 0 4 4h8M14 13l4 4-4 4",
  voice: "M5 10v4h3l4 4V6L8 10zM16 9a4 4 0 0 1 0 6",
  news: "M4 10v4l11 4V6zM15 9h3a2 2 0 0 1 0 6h-3",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  plus: "M12 5v14M5 12h14",
  send: "M4 12l16-8-6 17-3-7z",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5v.5M15 9.5v.5",
  reply: "M9 7l-5 5 5 5M4 12h9a7 7 0 0 1 7 7",
  edit: "M4 20l1-5L16 4l4 4L9 19z",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  file: "M6 3h8l4 4v14H6zM14 3v5h4",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  chevron: "M6 9l6 6 6-6",
  up: "M6 15l6-6 6 6",
  link: "M14 5h5v5M19 5l-8 8M11 6H5v13h13v-6",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
};

/** A line icon, hidden from assistive technology: the control around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows only an icon; `label` is its accessible name and its tool tip. */
export function iconButton(name, label, onclick, props = {}) {
  return h("button.icon-button", { type: "button", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

/** A picture or, without one, initials on a colour that stays the same for one id. */
export function avatar(user, size = "") {
  const name = user.global_name || user.username || "?";
  // The golden angle keeps neighbouring ids apart on the colour wheel.
  const hue = Math.round((Number(BigInt(user.id) % 9973n) * 137.508) % 360);
  const box = h("span.avatar", { class: size, style: { "--hue": String(hue) }, "aria-hidden": "true" });
  if (user.avatar) {
    const picture = h("img", { src: `/cdn/avatars/${user.id}/${user.avatar}.png?size=64`, alt: "" });
    picture.addEventListener("error", () => picture.replaceWith(initials(name)));
    box.append(picture);
  } else {
    box.append(initials(name));
  }
  return box;
}

/** Up to two letters that stand for a name. */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0]).join("");
  return letters.toUpperCase() || "?";
}

/** A link that leaves the page. Anything but http, https and mailto stays text. */
export function outLink(address, ...children) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return h("span", {}, ...children);
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return h("span", {}, ...children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** Shows a short notice at the foot of the page for five seconds. */
export function toast(text) {
  const note = h("p.toast", {}, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 5000);
}

/** Opens `panel` as a pop-over beside `anchor`, inside the window; it leaves the document when closed. */
export function popover(anchor, panel) {
  panel.setAttribute("popover", "auto");
  (anchor.closest("dialog, aside, main") ?? document.body).append(panel);
  panel.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    panel.remove();
    anchor.setAttribute("aria-expanded", "false");
  });
  panel.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  const from = anchor.getBoundingClientRect();
  const box = panel.getBoundingClientRect();
  const left = Math.min(Math.max(8, from.left), window.innerWidth - box.width - 8);
  const below = from.bottom + 6 + box.height <= window.innerHeight;
  const top = below ? from.bottom + 6 : Math.max(8, from.top - box.height - 6);
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${top}px`;
  panel.querySelector("[autofocus], input, button")?.focus();
  return () => {
    if (panel.matches(":popover-open")) panel.hidePopover();
    anchor.focus();
  };
}

/** Draws anew without losing the keyboard's place: what had the focus in `box` has it again if it is still there. */
export function keepFocus(box, draw) {
  const key = (node) => node.getAttribute("href") ?? (node.id || node.textContent);
  const before = box.contains(document.activeElement) ? key(document.activeElement) : null;
  draw();
  if (before === null) return;
  [...box.querySelectorAll("a, button")].find((node) => key(node) === before)?.focus({ preventScroll: true });
}

/** Arrow keys, Home and End move the focus through the elements that match `selector` inside `box`. */
export function arrowKeys(box, selector) {
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step && event.key !== "Home" && event.key !== "End") return;
    if (event.target.matches("input, textarea") && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const items = [...box.querySelectorAll(selector)].filter((item) => item.offsetParent !== null);
    if (items.length === 0) return;
    const at = items.indexOf(document.activeElement);
    const next = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : (at + step + items.length) % items.length;
    event.preventDefault();
    items[next].focus();
  });
}
