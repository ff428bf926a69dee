// Forms that the bot opens, as dialogs of the browser.

import { h, iconButton } from "./dom.js";
import { isSelect, optionsOf } from "./choices.js";
import { render } from "./markdown.js";
import { store } from "./store.js";

const ROW = 1;
const TEXT_INPUT = 4;
const TEXT_DISPLAY = 10;
const LABEL = 18;
const CHECKBOX_GROUP = 22;

/** Opens a modal that answered interaction `id`. */
export function openModal(id, modal) {
  const fields = modal.components.map(field);
  const problem = h("p.problem", { role: "alert" });
  const submit = h("button.button.primary", { type: "submit" }, "Submit");
  const close = () => dialog.close();
  const form = h("form", { novalidate: true },
    h("header.dialog-head", {}, h("h2", { id: "modal-title" }, modal.title), iconButton("close", "Close the form", close)),
    h("div.dialog-body", {}, ...fields.map((one) => one.node)),
    h("footer.dialog-foot", {}, problem, h("button.button", { type: "button", onclick: close }, "Cancel"), submit));
  const dialog = h("dialog", { "aria-labelledby": "modal-title" }, form);
  let sent = false;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (!sent) store.api.interact({ type: "dismiss", interaction_id: id }).catch(() => {});
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = fields.filter((one) => one.check && !one.check());
    if (wrong.length > 0) {
      wrong[0].focus();
      return;
    }
    submit.disabled = true;
    problem.textContent = "";
    const components = fields.filter((one) => one.answer).map((one) => one.answer());
    try {
      const answer = await store.api.interact({ type: "modal", interaction_id: id, components });
      sent = true;
      if (answer.state === "failed") problem.textContent = "The bot did not answer. Copy your words and begin again.";
      else dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      submit.disabled = false;
    }
  });

  document.body.append(dialog);
  dialog.showModal();
  form.querySelector(".dialog-body input, .dialog-body textarea, .dialog-body select")?.focus();
}

/** One top-level component as { node, answer(), check(), focus() }; text has only a node. */
function field(component) {
  if (component.type === TEXT_DISPLAY) return { node: render(component.content ?? "") };
  if (component.type === LABEL) return labelled(component.component, component.label, component.description);
  if (component.type === ROW) return labelled(component.components[0], component.components[0].label ?? "");
  return unknown(component);
}

const unknown = (component) => ({ node: h("p.system", {}, `A component of type ${component.type} that this page cannot show.`) });

let numbers = 0;

function labelled(component, label, description) {
  numbers += 1;
  const id = `field-${numbers}`;
  const problem = h("span.problem", { id: `${id}-problem`, role: "alert" });
  const about = h("small", { id: `${id}-about` }, description ?? "");
  const optional = component.required === false ? h("small", {}, " (optional)") : null;
  const say = (text) => {
    problem.textContent = text;
    return text === "";
  };
  const single = (control, extra = null) => h("div.field", {}, h("label", { for: id }, label, optional), description ? about : null, control, extra, problem);
  const group = (...controls) => h("fieldset.field", {}, h("legend", {}, label, optional), description ? about : null, ...controls, problem);
  const described = `${id}-about ${id}-problem`;

  if (component.type === TEXT_INPUT) return textInput(component, { id, described, single, say });
  if (!isSelect(component) && component.type !== CHECKBOX_GROUP) return unknown(component);
  const options = isSelect(component) ? optionsOf(component) : (component.options ?? []).map((one) => ({ ...one, preset: Boolean(one.default) }));
  const many = component.type === CHECKBOX_GROUP || (isSelect(component) && (component.max_values ?? 1) > 1);
  if (many) return ticks(component, options, { id, group, say });
  const control = h("select", { id, "aria-describedby": described },
    h("option", { value: "" }, component.placeholder || "Make a choice"),
    ...options.map((one) => h("option", { value: one.value, selected: one.preset }, one.description ? `${one.label}: ${one.description}` : one.label)));
  return {
    node: single(control),
    answer: () => ({ custom_id: component.custom_id, values: control.value ? [control.value] : [] }),
    check: () => say(component.required === false || control.value ? "" : "Make a choice."),
    focus: () => control.focus(),
  };
}

function textInput(component, { id, described, single, say }) {
  const min = component.min_length ?? 0;
  const max = component.max_length ?? 4000;
  const control = h(component.style === 2 ? "textarea" : "input", {
    id,
    maxlength: max,
    placeholder: component.placeholder,
    "aria-describedby": described,
    "aria-required": String(component.required !== false),
    ...(component.style === 2 ? {} : { type: "text" }),
    autocomplete: "off",
  });
  control.value = component.value ?? "";
  const counter = h("small.counter", { "aria-hidden": "true" });
  const count = () => {
    counter.textContent = `${[...control.value].length}/${max}`;
  };
  control.addEventListener("input", count);
  count();
  return {
    node: single(control, counter),
    answer: () => ({ custom_id: component.custom_id, value: control.value }),
    check: () => {
      const length = [...control.value.trim()].length;
      if (component.required !== false && length === 0) return say("This field is required.");
      if (length > 0 && length < min) return say(`At least ${min} characters.`);
      return say("");
    },
    focus: () => control.focus(),
  };
}

function ticks(component, options, { id, group, say }) {
  const min = component.min_values ?? (component.required === false ? 0 : 1);
  const max = component.max_values ?? options.length;
  const boxes = options.map((one, index) => {
    const box = h("input", { type: "checkbox", name: id, id: `${id}-${index}`, value: one.value });
    box.checked = one.preset;
    return box;
  });
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const rows = boxes.map((box, index) => h("label.tick", { for: box.id }, box,
    h("span", {}, options[index].label, options[index].description ? h("small", {}, ` ${options[index].description}`) : null)));
  return {
    node: group(...rows),
    answer: () => ({ custom_id: component.custom_id, values: chosen() }),
    check: () => {
      const count = chosen().length;
      if (count === 0 && component.required === false) return say("");
      if (count < min) return say(min === 1 ? "Make a choice." : `Choose at least ${min}.`);
      return say(count > max ? `Choose at most ${max}.` : "");
    },
    focus: () => boxes[0]?.focus(),
  };
}
