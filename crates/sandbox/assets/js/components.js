// Components of messages, both generations: action rows, and the layout components of version 2.

import { h, icon, outLink, toast } from "./dom.js";
import { attachment, picture, veil } from "./attachments.js";
import { choose, emojiOf, isSelect, optionsOf } from "./choices.js";
import { interact } from "./interactions.js";
import { render } from "./markdown.js";
import { hex } from "./store.js";

const ROW = 1;
const BUTTON = 2;
const SECTION = 9;
const TEXT = 10;
const THUMBNAIL = 11;
const GALLERY = 12;
const FILE = 13;
const SEPARATOR = 14;
const CONTAINER = 17;
const LINK_STYLE = 5;
const PREMIUM_STYLE = 6;

export function components(message) {
  return h("div.rows", {}, ...message.components.map((item) => component(item, message)));
}

function component(item, message) {
  switch (item.type) {
    case ROW:
      return h("div.row", {}, ...item.components.map((child) => component(child, message)));
    case BUTTON:
      return button(item, message);
    case SECTION:
      return h("div.section", {},
        h("div.texts", {}, ...item.components.map((child) => component(child, message))),
        item.accessory ? component(item.accessory, message) : null);
    case TEXT:
      return render(item.content ?? "");
    case THUMBNAIL:
      return spoilable(item, picture(addressOf(item.media, message), { class: "thumb", alt: item.description }), "thumbnail");
    case GALLERY:
      return h("div.gallery", {}, ...item.items.map((one) => spoilable(one, picture(addressOf(one.media, message), { alt: one.description }), "picture")));
    case FILE:
      return h("div.attachments", {}, attachment(fileOf(item, message)));
    case SEPARATOR:
      return h("hr.rule", { class: `${item.divider === false ? "bare" : ""} ${item.spacing === 2 ? "wide" : ""}` });
    case CONTAINER: {
      const box = h("div.box", { style: item.accent_color ? { "--bar": hex(item.accent_color) } : {} }, ...item.components.map((child) => component(child, message)));
      return spoilable(item, box, "this part");
    }
    default:
      return isSelect(item) ? select(item, message) : h("p.system", {}, `A component of type ${item.type} that this page cannot show.`);
  }
}

const spoilable = (item, node, name) => (item.spoiler ? veil(node, name) : node);

function addressOf(media, message) {
  const name = /^attachment:\/\/(.+)$/u.exec(media?.url ?? "")?.[1];
  const file = name ? message.attachments?.find((one) => one.filename === name) : null;
  return file?.url ?? media?.proxy_url ?? media?.url ?? "";
}

function fileOf(item, message) {
  const address = item.file?.url ?? "";
  const name = item.name ?? decodeURIComponent(address.split("?")[0].split("/").at(-1) ?? "file");
  const known = message.attachments?.find((one) => one.filename === name);
  return known ?? { filename: item.spoiler ? `SPOILER_${name}` : name, url: address, size: item.size ?? 0 };
}

function button(item, message) {
  const face = [emojiOf(item.emoji), item.label ? h("span", {}, item.label) : null];
  if (item.style === LINK_STYLE) {
    const link = outLink(item.url, ...face, icon("link"));
    link.classList.add("press");
    return link;
  }
  const control = h(`button.press.style-${item.style}`, {
    type: "button",
    disabled: item.disabled || item.style === PREMIUM_STYLE,
    "aria-label": item.label ? null : item.emoji?.name ?? "Button",
    "data-custom-id": item.custom_id,
  }, ...face);
  control.addEventListener("click", () => run(control, { type: "button", channel_id: message.channel_id, message_id: message.id, custom_id: item.custom_id }));
  return control;
}

function select(item, message) {
  const options = optionsOf(item);
  const chosen = options.filter((option) => option.preset);
  const label = item.placeholder || "Make a choice";
  const text = h("span", { class: chosen.length > 0 ? "" : "placeholder" }, chosen.length > 0 ? chosen.map((option) => option.label).join(", ") : label);
  const control = h("button.choose", { type: "button", disabled: item.disabled, "aria-haspopup": "listbox", "aria-expanded": "false", "data-custom-id": item.custom_id }, text, icon("chevron"));
  control.addEventListener("click", () => choose(
    control,
    { options, min: item.min_values ?? 1, max: item.max_values ?? 1, label, chosen: chosen.map((option) => option.value) },
    (values) => {
      text.classList.toggle("placeholder", values.length === 0);
      text.textContent = options.filter((option) => values.includes(option.value)).map((option) => option.label).join(", ") || label;
      run(control, { type: "select", channel_id: message.channel_id, message_id: message.id, custom_id: item.custom_id, values });
    },
  ));
  return control;
}

/** Sends the interaction; the control shows that it waits until the bot has answered. */
async function run(control, body) {
  if (control.classList.contains("busy")) return;
  control.classList.add("busy");
  control.setAttribute("aria-busy", "true");
  try {
    await interact(body);
  } catch (error) {
    toast(error.message);
  } finally {
    control.classList.remove("busy");
    control.removeAttribute("aria-busy");
  }
}
