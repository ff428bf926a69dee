// Slash commands: the flat list, and a form with one field per option.

import { h, iconButton } from "./dom.js";
import { interact } from "./interactions.js";
import { Suggest } from "./suggest.js";
import { displayName, guild, store } from "./store.js";

const SUBCOMMAND = 1;
const SUBCOMMAND_GROUP = 2;
const OPTION = { STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11 };

/** The commands of the open channel with subcommands spelt out: [{ name, description, options }]. */
export async function commandList() {
  const commands = await store.api.commands(store.channelId);
  const flat = [];
  const spread = (name, item) => {
    const inner = (item.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === SUBCOMMAND_GROUP);
    if (inner.length === 0) flat.push({ name, description: item.description, options: item.options ?? [] });
    else inner.forEach((option) => spread(`${name} ${option.name}`, option));
  };
  commands.filter((item) => (item.type ?? 1) === 1).forEach((item) => spread(item.name, item));
  return flat.sort((a, b) => a.name.localeCompare(b.name));
}

/** The form to run a command; calls `done` when it was sent or given up. */
export function commandForm(command, done) {
  const where = { channel_id: store.channelId };
  const fields = command.options.map((option) => field(command, option, () => collect()));
  const problem = h("p.composer-error", { role: "alert" });
  const collect = () => {
    const options = {};
    for (const one of fields) {
      const value = one.value();
      if (value !== null && value !== "") options[one.name] = value;
    }
    return options;
  };
  const submit = h("button.button.primary", { type: "submit" }, "Run");
  const form = h("form.slash", { "aria-label": `Run /${command.name}` },
    h("div.slash-head", {}, h("span", {}, h("strong", {}, `/${command.name}`), " ", h("small", {}, command.description)), iconButton("close", "Do not run it", done)),
    fields.length > 0 ? h("div.slash-fields", {}, ...fields.map((one) => one.node)) : null,
    h("div.slash-foot", {}, problem, submit));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    done();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    try {
      await interact({ type: "command", ...where, command: command.name, options: collect() });
      done();
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

let numbers = 0;

function field(command, option, others) {
  numbers += 1;
  const id = `option-${numbers}`;
  const wrap = (control, extra) => h("div.field", {},
    h("label", { for: id }, option.name, option.required ? null : h("small", {}, " (optional)")),
    control, extra, h("small", { id: `${id}-about` }, option.description));
  const shared = { id, required: Boolean(option.required), "aria-describedby": `${id}-about` };
  const pick = (choices, read = (value) => value) => {
    const control = h("select", shared, h("option", { value: "" }, ""), ...choices.map(([value, label]) => h("option", { value }, label)));
    return { name: option.name, node: wrap(control), value: () => (control.value === "" ? null : read(control.value)) };
  };
  if (option.choices?.length) {
    const numeric = option.type === OPTION.INTEGER || option.type === OPTION.NUMBER;
    return pick(option.choices.map((one) => [one.value, one.name]), numeric ? Number : undefined);
  }
  const home = guild();
  const people = () => (home?.members ?? []).map((one) => [one.user.id, displayName(one.user)]);
  const roles = () => (home?.roles ?? []).map((role) => [role.id, role.name === "@everyone" ? role.name : `@${role.name}`]);
  switch (option.type) {
    case OPTION.BOOLEAN:
      return pick([["true", "Yes"], ["false", "No"]], (value) => value === "true");
    case OPTION.USER:
      return pick(people());
    case OPTION.ROLE:
      return pick(roles());
    case OPTION.MENTIONABLE:
      return pick([...people(), ...roles()]);
    case OPTION.CHANNEL:
      return pick((home?.channels ?? []).filter((item) => !option.channel_types?.length || option.channel_types.includes(item.type)).map((item) => [item.id, `#${item.name}`]));
    case OPTION.ATTACHMENT:
      return { name: option.name, node: wrap(h("p.system", { id }, "Files cannot be given to commands here.")), value: () => null };
    default:
      return written(command, option, { id, shared, wrap, others });
  }
}

/** A written option; with autocomplete the bot's suggestions appear over the field. */
function written(command, option, { id, shared, wrap, others }) {
  const numeric = option.type === OPTION.INTEGER || option.type === OPTION.NUMBER;
  const control = h("input", {
    ...shared,
    type: numeric && !option.autocomplete ? "number" : "text",
    step: option.type === OPTION.NUMBER ? "any" : null,
    min: option.min_value,
    max: option.max_value,
    minlength: option.min_length,
    maxlength: option.max_length ?? 6000,
    autocomplete: "off",
  });
  let chosen = null;
  let extra = null;
  if (option.autocomplete) {
    control.setAttribute("role", "combobox");
    control.setAttribute("aria-expanded", "false");
    control.setAttribute("aria-autocomplete", "list");
    control.setAttribute("aria-controls", `${id}-list`);
    const suggest = new Suggest(control, `${id}-list`);
    extra = suggest.list;
    let asked = 0;
    const ask = async () => {
      chosen = null;
      const turn = ++asked;
      const answer = await interact({ type: "autocomplete", channel_id: store.channelId, command: command.name, options: { ...others(), [option.name]: control.value }, focused: option.name }).catch(() => null);
      if (turn !== asked || document.activeElement !== control) return;
      suggest.show((answer?.choices ?? []).map((one) => ({
        label: one.name,
        about: "",
        pick: () => {
          control.value = one.name;
          chosen = one;
        },
      })), "No suggestions.");
    };
    let timer = null;
    control.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    control.addEventListener("focus", ask);
    control.addEventListener("keydown", (event) => suggest.handles(event));
  }
  const value = () => {
    const text = chosen && chosen.name === control.value ? chosen.value : control.value.trim();
    if (text === "") return null;
    return numeric ? Number(text) : text;
  };
  return { name: option.name, node: wrap(control, extra), value };
}
