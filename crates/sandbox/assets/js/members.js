// The member list, in groups by the highest role that stands apart.

import { avatar, h, keepFocus, popover, toast } from "./dom.js";
import { fullTime } from "./time.js";
import { displayName, emit, guild, hex, on, roleColour, store } from "./store.js";

const box = document.getElementById("members");

export function drawMembers() {
  const home = guild();
  box.hidden = !home || !store.showMembers;
  if (box.hidden) return;
  const groups = new Map();
  const hoisted = home.roles.filter((role) => role.hoist).sort((a, b) => b.position - a.position);
  const people = [...home.members].sort((a, b) => displayName(a.user).localeCompare(displayName(b.user)));
  for (const role of [...hoisted, { id: home.id, name: "Members" }]) groups.set(role.id, { name: role.name, people: [] });
  for (const one of people) {
    const role = hoisted.find((item) => one.roles.includes(item.id));
    groups.get(role?.id ?? home.id).people.push(one);
  }
  keepFocus(box, () => box.replaceChildren(...[...groups.values()].filter((group) => group.people.length > 0).flatMap((group) => [
    h("h2", {}, `${group.name} (${group.people.length})`),
    h("ul", {}, ...group.people.map((one) => h("li", {}, row(one)))),
  ])));
}

function row(one) {
  const colour = roleColour(one.user.id);
  const button = h("button.member", { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false" },
    avatar(one.user, "small"),
    h("span.name", {}, displayName(one.user)),
    one.user.bot ? h("span.tag", {}, "App") : null,
    colour ? h("span.swatch", { style: { "--dot": colour }, "aria-hidden": "true" }) : null);
  button.addEventListener("click", () => card(button, one));
  return button;
}

function card(anchor, one) {
  const home = guild();
  const roles = home.roles.filter((role) => one.roles.includes(role.id)).sort((a, b) => b.position - a.position);
  const write = h("button.button", { type: "button" }, "Send a direct message");
  const leave = h("button.button", { type: "button" }, "Leave the server");
  const own = one.user.id === store.view.me.id;
  const panel = h("div.card", { role: "dialog", "aria-label": displayName(one.user) },
    h("strong", {}, displayName(one.user)),
    h("code", {}, `${one.user.username} · ${one.user.id}`),
    one.joined_at ? h("small", {}, `Joined ${fullTime(new Date(one.joined_at))}`) : null,
    h("div.roles", {}, ...roles.map((role) => h("span.role", {}, h("span.swatch", { style: role.color ? { "--dot": hex(role.color) } : {} }), role.name))),
    own ? null : write,
    own && one.user.id !== home.owner_id ? leave : null);
  const close = popover(anchor, panel);
  write.addEventListener("click", async () => {
    close();
    try {
      const open = await store.api.openDm(one.user.id);
      emit("go", { guild: null, channel: open.id, fresh: true });
    } catch (error) {
      toast(error.message);
    }
  });
  leave.addEventListener("click", async () => {
    close();
    try {
      await store.api.leave(home.id);
      emit("go", { guild: null, fresh: true });
    } catch (error) {
      toast(error.message);
    }
  });
}

on("members", drawMembers);
