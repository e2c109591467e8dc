// Modals that the bot opens, as a <dialog>.

import { postModal } from "/page/js/api.js";
import { chooser } from "/page/js/chooser.js";
import { el, freshId, resting } from "/page/js/dom.js";
import { filePlace } from "/page/js/files.js";
import { icon } from "/page/js/icons.js";
import { settle } from "/page/js/interactions.js";
import { markdown } from "/page/js/markdown.js";
import { on, state } from "/page/js/store.js";

const ROW = 1;
const STRING_SELECT = 3;
const TEXT_INPUT = 4;
const TEXT = 10;
const LABEL = 18;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;
const PARAGRAPH = 2;

const testid = ({ custom_id: id }) => `field-${id}`;

function textInput(data) {
  const props = {
    class: "input",
    testid: testid(data),
    value: data.value ?? "",
    placeholder: data.placeholder ?? "",
  };
  const element =
    data.style === PARAGRAPH
      ? el("textarea", { ...props, rows: 4 })
      : el("input", { ...props, type: "text" });
  return { element, value: () => element.value };
}

function fileUpload(data) {
  const place = filePlace({ testid: testid(data), most: data.max_values ?? 1, label: "Files" });
  return { element: place.element, files: place.files };
}

function listInput(data) {
  const box = chooser(data, { testid: testid(data) });
  return { element: box.element, value: box.values };
}

/** Groups of radios and checkboxes offer options as a string select does. */
function groupInput(data) {
  const most =
    data.type === CHECKBOX_GROUP ? Math.max(data.max_values ?? data.options.length, 2) : 1;
  const box = chooser({ ...data, type: STRING_SELECT, max_values: most }, { testid: testid(data) });
  const value = data.type === CHECKBOX_GROUP ? box.values : () => box.values()[0];
  return { element: box.element, value };
}

function checkbox(data) {
  const element = el("input", {
    type: "checkbox",
    testid: testid(data),
    checked: data.default === true,
  });
  return { element, value: () => element.checked };
}

function inputFor(data) {
  if (data.type === TEXT_INPUT) return textInput(data);
  if (data.type === FILE_UPLOAD) return fileUpload(data);
  if (data.type === RADIO_GROUP || data.type === CHECKBOX_GROUP) return groupInput(data);
  if (data.type === CHECKBOX) return checkbox(data);
  return data.custom_id ? listInput(data) : null;
}

/** One labelled input; a type that is not known gives nothing to fill in. */
function labelled(label, description, data, inputs) {
  const input = inputFor(data);
  if (!input) return null;
  inputs.set(data.custom_id, input);
  const control = input.element.matches("input, textarea, select")
    ? input.element
    : input.element.querySelector("input, textarea, select");
  if (control) control.id ||= freshId("field");
  const about = description && el("small", { id: freshId("about") }, description);
  if (about) control?.setAttribute("aria-describedby", about.id);
  return el(
    "div",
    { class: "modal-field" },
    el(
      "label",
      { for: control?.id ?? null },
      label,
      data.required === false && el("small", {}, " (optional)"),
    ),
    about,
    input.element,
  );
}

function parts(list, inputs) {
  return (list ?? []).flatMap((data) => {
    if (data.type === TEXT) return [el("div", { class: "prose" }, ...markdown(data.content))];
    if (data.type === LABEL)
      return [labelled(data.label, data.description, data.component, inputs)];
    if (data.type === ROW)
      return data.components.map((inner) => labelled(inner.label ?? "", "", inner, inputs));
    return [];
  });
}

function answers(inputs) {
  const values = {};
  const files = [];
  for (const [name, input] of inputs) {
    if (input.files) files.push(...input.files().map((file) => ({ name, file })));
    else if (input.value() !== undefined) values[name] = input.value();
  }
  return { values, files };
}

function openModal(modal) {
  const inputs = new Map();
  const failure = el("p", { class: "failure", role: "alert", testid: "modal-error", hidden: true });
  const submit = el(
    "button",
    { class: "button button-primary", type: "submit", testid: "modal-submit" },
    "Submit",
  );
  const titleId = freshId("modal");

  async function answer(event) {
    event.preventDefault();
    failure.hidden = true;
    await resting(submit, async () => {
      try {
        const { values, files } = answers(inputs);
        settle(await postModal({ as: state.me, modal: modal.id, values }, files));
        dialog.close();
      } catch (error) {
        failure.textContent = error.message;
        failure.hidden = false;
      }
    });
  }

  const close = (props, ...children) =>
    el("button", { type: "button", on: { click: () => dialog.close() }, ...props }, ...children);
  const form = el(
    "form",
    { class: "modal-form", noValidate: true, on: { submit: answer } },
    el(
      "header",
      { class: "modal-head" },
      el("h2", { id: titleId }, modal.title),
      close({ class: "icon-button", "aria-label": "Close" }, icon("close")),
    ),
    el("div", { class: "modal-fields" }, ...parts(modal.components, inputs)),
    failure,
    el(
      "footer",
      { class: "modal-foot" },
      close({ class: "button button-secondary" }, "Cancel"),
      submit,
    ),
  );
  const dialog = el(
    "dialog",
    { class: "modal", testid: "modal", "aria-labelledby": titleId },
    form,
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  form.querySelector(".modal-fields input, .modal-fields textarea, .modal-fields select")?.focus();
}

export function startModals() {
  on("modal", openModal);
}
