// The field of one command option, by its type.
// Limits are shown, not enforced: what is out of bounds is refused by the server, in its words.

import { getChoices } from "/page/js/api.js";
import { nativeSelect, offers } from "/page/js/chooser.js";
import { combobox } from "/page/js/combobox.js";
import { el } from "/page/js/dom.js";
import { filePlace } from "/page/js/files.js";

// Discord's select types for the options whose values are ids.
const SELECT_TYPES = { user: 5, role: 6, mentionable: 7, channel: 8 };
const isNumeric = ({ type }) => type === "integer" || type === "number";
const testid = ({ name }) => `option-${name}`;

/** Fields grow with their text; Enter runs the command, Shift and Enter make a new line. */
function textField(option) {
  const area = el("textarea", { class: "input", rows: 1, testid: testid(option) });
  const limit = option.max_length;
  const counter = el("small", { class: "counter", "aria-hidden": "true" });
  const count = () => {
    const length = [...area.value].length;
    counter.textContent = limit ? `${length} / ${limit}` : "";
    counter.classList.toggle("counter-over", Boolean(limit) && length > limit);
  };
  area.addEventListener("input", count);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    area.form.requestSubmit();
  });
  count();
  return {
    element: el("div", { class: "text-field" }, area, limit && counter),
    value: () => (area.value === "" ? undefined : area.value),
    focus: () => area.focus(),
  };
}

function numberField(option) {
  const input = el("input", {
    type: "number",
    class: "input",
    step: option.type === "integer" ? "1" : "any",
    min: option.min ?? null,
    max: option.max ?? null,
    testid: testid(option),
  });
  return {
    element: input,
    value: () => (input.value === "" ? undefined : Number(input.value)),
    focus: () => input.focus(),
  };
}

function listField(option, list, convert) {
  const element = nativeSelect(list, "Choose…", { testid: testid(option) });
  return {
    element,
    value: () => (element.value === "" ? undefined : convert(element.value)),
    focus: () => element.focus(),
  };
}

function fileField(option) {
  const place = filePlace({ testid: testid(option), most: 1, label: option.name });
  return { ...place, value: () => undefined };
}

/** Suggestions may depend on the other options, so `others()` goes along. */
function suggestedField(option, command, others) {
  const convert = (value) => (value !== undefined && isNumeric(option) ? Number(value) : value);
  const box = combobox({
    testid: testid(option),
    ask: async (signal) => {
      const options = { ...others.values(), [option.name]: box.typed() };
      const call = { ...others.place, command: command.name, options, focused: option.name };
      return (await getChoices(call, signal)).choices;
    },
  });
  return { ...box, value: () => convert(box.value()) };
}

const BOOLEANS = [
  { value: "true", label: "True" },
  { value: "false", label: "False" },
];

/**
 * @param {object} option @param {object} command
 * @param {{place: {as: string, channel: string}, values: () => object}} others
 * @returns {{element: HTMLElement, value: () => *, focus: () => void, files?: () => File[],
 *   take?: (files: File[]) => void}} `value()` is undefined while nothing is given.
 */
export function fieldFor(option, command, others) {
  if (option.type === "attachment") return fileField(option);
  if (option.autocomplete) return suggestedField(option, command, others);
  if (option.choices?.length > 0) {
    const list = option.choices.map(({ name, value }) => ({ value: String(value), label: name }));
    return listField(option, list, isNumeric(option) ? Number : String);
  }
  if (option.type === "boolean") return listField(option, BOOLEANS, (value) => value === "true");
  if (option.type in SELECT_TYPES)
    return listField(option, offers(SELECT_TYPES[option.type], [], option.channel_types), String);
  return isNumeric(option) ? numberField(option) : textField(option);
}
