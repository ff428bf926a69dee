// Rich embeds.

import { h, outLink } from "./dom.js";
import { render } from "./markdown.js";
import { fullTime } from "./time.js";
import { hex } from "./store.js";
import { picture } from "./attachments.js";

export function embed(item) {
  const box = h("article.embed", { style: item.color === undefined || item.color === null ? {} : { "--bar": hex(item.color) } });
  if (item.author?.name) {
    box.append(h("div.embed-author", {},
      item.author.icon_url ? picture(item.author.icon_url, {}) : null,
      item.author.url ? outLink(item.author.url, item.author.name) : h("span", {}, item.author.name)));
  }
  if (item.title) {
    const title = render(item.title);
    box.append(h("div.embed-title", {}, item.url ? outLink(item.url, title) : title));
  }
  if (item.description) box.append(render(item.description));
  if (item.thumbnail?.url) box.append(picture(item.thumbnail.url, { class: "thumb" }));
  if (item.fields?.length) box.append(fields(item.fields));
  if (item.image?.url) box.append(picture(item.image.url, { class: "picture", alt: item.title ?? "" }));
  if (item.footer?.text || item.timestamp) {
    const words = [item.footer?.text, item.timestamp ? fullTime(new Date(item.timestamp)) : null].filter(Boolean).join(" · ");
    box.append(h("div.embed-foot", {}, item.footer?.icon_url ? picture(item.footer.icon_url, {}) : null, words));
  }
  return box;
}

/** Inline fields stand up to three in a row; a row of two halves the width. */
function fields(list) {
  const box = h("dl.embed-fields");
  let row = [];
  const flush = () => {
    const width = row.length === 1 ? "full" : row.length === 2 ? "half" : "third";
    row.forEach((node) => node.classList.add(width));
    row = [];
  };
  for (const item of list) {
    const node = h("div", {}, h("dt", {}, render(item.name)), h("dd", {}, render(item.value)));
    box.append(node);
    if (!item.inline) {
      flush();
      continue;
    }
    row.push(node);
    if (row.length === 3) flush();
  }
  flush();
  return box;
}
