// Files of a message: pictures, sound, film, and everything else as a card.

import { h, icon } from "./dom.js";

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function attachment(file) {
  const hidden = file.filename.startsWith("SPOILER_");
  const body = media(file);
  return hidden ? veil(body, file.filename) : body;
}

function media(file) {
  const type = file.content_type ?? "";
  if (/^image\/(png|jpeg|gif|webp|avif)/u.test(type)) {
    const picture = h("img", { src: file.url, alt: file.description ?? file.filename, loading: "lazy", width: file.width, height: file.height });
    picture.addEventListener("error", () => picture.closest("a")?.replaceWith(card(file)));
    return h("a", { href: file.url, target: "_blank", rel: "noopener" }, picture);
  }
  if (type.startsWith("video/")) return h("video", { src: file.url, controls: true, preload: "metadata", "aria-label": file.filename });
  if (type.startsWith("audio/")) return h("audio", { src: file.url, controls: true, preload: "metadata", "aria-label": file.filename });
  return card(file);
}

function card(file) {
  return h("div.file", {}, icon("file"), h("span", {},
    h("a", { href: file.url, target: "_blank", rel: "noopener", download: file.filename }, file.filename),
    h("small", {}, size(file.size ?? 0))));
}

/** A cover over something marked as a spoiler; pressing it uncovers it. */
export function veil(body, name) {
  const cover = h("button.veil", { type: "button", "aria-label": `Show ${name}` }, body, h("span.veil-label", {}, "Spoiler"));
  cover.addEventListener("click", (event) => {
    event.preventDefault();
    cover.replaceWith(body);
  }, { once: true });
  return cover;
}

/** A picture named by an embed or component. The page loads pictures from this machine only. */
export function picture(address, props) {
  const node = h(`img${props.class ? `.${props.class}` : ""}`, { src: address, alt: props.alt ?? "", loading: "lazy" });
  node.addEventListener("error", () => node.remove());
  return node;
}
