// A small emoji picker: a handful of common characters and the server's own.

import { arrowKeys, h, popover } from "./dom.js";
import { guild } from "./store.js";

const COMMON = [
  ["👍", "thumbs up"], ["👎", "thumbs down"], ["❤️", "heart"], ["😂", "joy"], ["😀", "grin"], ["😅", "sweat smile"], ["😉", "wink"], ["😍", "heart eyes"],
  ["🤔", "thinking"], ["😢", "cry"], ["😡", "angry"], ["😮", "surprised"], ["🥳", "party"], ["🙏", "thanks"], ["👏", "clap"], ["👋", "wave"],
  ["🎉", "celebrate"], ["🔥", "fire"], ["✨", "sparkles"], ["⭐", "star"], ["✅", "done"], ["❌", "no"], ["⚠️", "warning"], ["❓", "question"],
  ["🎫", "ticket"], ["🔒", "lock"], ["🔓", "unlock"], ["📌", "pin"], ["📎", "clip"], ["📝", "memo"], ["💡", "idea"], ["🚀", "rocket"],
];

/** Opens the picker beside `anchor`; `done` gets "👍" or "name:id". */
export function pickEmoji(anchor, done) {
  const own = guild()?.emojis ?? [];
  const pick = (value) => {
    close();
    done(value);
  };
  const grid = h("div.emoji-grid", { role: "group", "aria-label": "Emoji" },
    ...COMMON.map(([sign, name]) => h("button", { type: "button", title: name, "aria-label": name, onclick: () => pick(sign) }, sign)),
    ...own.map((item) => h("button", { type: "button", title: item.name, "aria-label": item.name, onclick: () => pick(`${item.name}:${item.id}`) },
      h("img", { src: `/cdn/emojis/${item.id}.${item.animated ? "gif" : "png"}?size=48`, alt: "" }))));
  arrowKeys(grid, "button");
  const close = popover(anchor, grid);
}
