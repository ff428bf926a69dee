// Start, address of the open channel, live events.

import { Refused, people, personApi } from "./api.js";
import { toast } from "./dom.js";
import { drawComposer } from "./composer.js";
import { added, changed, openLog, removed } from "./log.js";
import { drawMembers } from "./members.js";
import { chosenPerson, drawPerson, rememberPerson } from "./people.js";
import { address, drawHead, drawSidebar, firstChannel, toggleMenu } from "./sidebar.js";
import { channel, guild, guildOf, newer, on, startReading, store } from "./store.js";

let stream = null;
let refreshTimer = null;

async function become(person) {
  stream?.close();
  store.api = personApi(person.id);
  store.replyTo = null;
  rememberPerson(person);
  store.view = await store.api.view();
  startReading();
  await settle();
  listen();
}

/** Opens the channel the address names, or a fitting one when the person cannot see it. */
async function settle() {
  const [, home, id] = location.hash.split("/");
  const open = channel(id);
  if (open) {
    store.guildId = guildOf(open.id)?.id ?? null;
    store.channelId = open.id;
  } else {
    const place = store.view.guilds.find((item) => item.id === home) ?? (home === "dm" ? null : store.view.guilds[0]);
    const first = place ? firstChannel(place) : store.view.dms[0];
    store.guildId = place?.id ?? null;
    store.channelId = first?.id ?? null;
    history.replaceState(null, "", first ? address(first) : place ? `#/${place.id}` : "#/dm");
  }
  store.replyTo = null;
  drawSidebar();
  drawHead();
  drawMembers();
  drawPerson();
  drawComposer();
  await openLog();
}

/** Reads what the person sees again; the open channel may have appeared, changed or gone. */
async function refresh() {
  const api = store.api;
  const view = await api.view();
  if (api !== store.api) return;
  const before = channel();
  store.view = view;
  if (before && !channel()) {
    toast(`#${before.name} is gone.`);
    await settle();
    return;
  }
  if (!before) {
    await settle();
    return;
  }
  drawSidebar();
  drawHead();
  drawMembers();
  drawComposer({ keep: true });
}

function refreshSoon() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => refresh().catch((error) => toast(error.message)), 30);
}

/** Follows the person's events; `lost` when an earlier connection broke, so that what was missed is read. */
function listen(lost = false) {
  const api = store.api;
  stream = api.events();
  stream.addEventListener("message", (event) => {
    if (store.api !== api) return;
    const { t: type, d: data } = JSON.parse(event.data);
    receive(type, data);
  });
  const source = stream;
  source.addEventListener("error", () => {
    if (store.api !== api) return;
    if (!lost) toast("The connection to the sandbox was lost. Trying again.");
    lost = true;
    // Some browsers give up for good when nobody listens.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => store.api === api && source === stream && listen(true), 1000);
  });
  stream.addEventListener("open", () => {
    if (!lost) return;
    lost = false;
    refresh().then(openLog).catch((error) => toast(error.message));
  });
}

function receive(type, data) {
  switch (type) {
    case "MESSAGE_CREATE": {
      const where = channel(data.channel_id);
      if (!where) refreshSoon();
      else if (!(data.flags & 64) && newer(data.id, where.last_message_id)) where.last_message_id = data.id;
      added(data);
      if (where && data.channel_id !== store.channelId) {
        drawSidebar();
        drawHead();
      }
      break;
    }
    case "MESSAGE_UPDATE":
      changed(data);
      break;
    case "MESSAGE_DELETE":
      removed([data.id]);
      break;
    case "MESSAGE_DELETE_BULK":
      removed(data.ids);
      break;
    case "RESYNC":
      refresh().then(openLog).catch((error) => toast(error.message));
      break;
    default:
      refreshSoon();
  }
}

on("become", (person) => become(person).catch((error) => toast(error.message)));
on("go", async ({ guild: home, channel: id, fresh }) => {
  if (fresh) store.view = await store.api.view();
  const place = store.view.guilds.find((item) => item.id === home);
  const target = id ? channel(id) : place ? firstChannel(place) : store.view.dms[0];
  location.hash = target ? address(target) : place ? `#/${place.id}` : "#/dm";
});
window.addEventListener("hashchange", () => {
  if (!store.view) return;
  toggleMenu(false);
  if (window.innerWidth <= 980) store.showMembers = false;
  settle().catch((error) => toast(error.message));
});

async function start() {
  store.people = await people();
  if (store.people.length === 0) throw new Refused(0, { message: "The sandbox has no people yet. Create one by the control API." });
  await become(chosenPerson());
  if (guild() && window.innerWidth > 720) document.getElementById("composer-input")?.focus();
}

start().catch((error) => toast(error.message));
