// The form of a chosen slash command: required options first, the others added when wanted.

import { postCommand } from "/page/js/api.js";
import { el, freshId, resting } from "/page/js/dom.js";
import { fieldFor } from "/page/js/fields.js";
import { icon } from "/page/js/icons.js";
import { settle } from "/page/js/interactions.js";

/**
 * @param {object} command
 * @param {{as: string, channel: string}} place
 * @param {() => void} done called when the command ran, or was given up.
 * @returns {{element: HTMLElement, focus: () => void, takeFiles: (files: File[]) => boolean}}
 */
export function commandForm(command, place, done) {
  const fields = new Map(); // option name -> field
  const rows = el("div", { class: "options" });
  const chips = el("div", { class: "option-chips", role: "group", "aria-label": "More options" });
  const failure = el("p", {
    class: "failure",
    role: "alert",
    testid: "command-error",
    hidden: true,
  });
  const run = el(
    "button",
    { class: "button button-primary", type: "submit", testid: "run" },
    "Run",
    el("kbd", { "aria-hidden": "true" }, "↵"),
  );

  const values = () => {
    const given = [...fields].map(([name, field]) => [name, field.value()]);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
  };

  const chipFor = (option) => {
    const chip = el(
      "button",
      {
        class: "option-chip",
        type: "button",
        title: option.description,
        testid: `add-option-${option.name}`,
        on: {
          click: () => {
            chip.remove();
            addRow(option).focus();
          },
        },
      },
      icon("plus"),
      option.label,
    );
    return chip;
  };

  function addRow(option) {
    const field = fieldFor(option, command, { place, values });
    fields.set(option.name, field);
    const control = field.element.matches("input, select, textarea")
      ? field.element
      : field.element.querySelector("input, select, textarea");
    control.id ||= freshId("option");
    const description = el(
      "small",
      { class: "option-description", id: freshId("about") },
      option.description,
    );
    control.setAttribute("aria-describedby", description.id);
    if (option.required) control.setAttribute("aria-required", "true");
    const drop = el(
      "button",
      {
        class: "icon-button option-drop",
        type: "button",
        "aria-label": `Leave out ${option.label}`,
        on: {
          click: () => {
            fields.delete(option.name);
            row.remove();
            chips.append(chipFor(option));
            run.focus();
          },
        },
      },
      icon("close"),
    );
    const row = el(
      "div",
      { class: "option" },
      el("label", { class: "option-name", for: control.id }, option.label),
      el("div", { class: "option-field" }, field.element, description),
      !option.required && drop,
    );
    rows.append(row);
    return field;
  }

  const fail = (sentence) => {
    failure.textContent = sentence;
    failure.hidden = sentence === "";
  };

  async function submit() {
    if (run.disabled) return; // Enter again while the bot is being asked
    const files = [...fields].flatMap(([name, field]) =>
      (field.files?.() ?? []).map((file) => ({ name, file })),
    );
    fail("");
    element.setAttribute("aria-busy", "true");
    const call = { ...place, command: command.name, options: values() };
    let isDone = false;
    await resting(run, async () => {
      try {
        settle(await postCommand(call, files));
        isDone = true;
      } catch (error) {
        fail(error.message);
      }
    });
    element.removeAttribute("aria-busy");
    if (isDone) done();
  }

  /** Dropped and pasted files go to the first attachment option that is still free. */
  function takeFiles(files) {
    const waiting = [...files];
    for (const option of command.options.filter(({ type }) => type === "attachment")) {
      const field = fields.get(option.name);
      if (waiting.length === 0 || field?.files().length > 0) continue;
      chips.querySelector(`[data-testid="add-option-${option.name}"]`)?.remove();
      (field ?? addRow(option)).take([waiting.shift()]);
    }
    return waiting.length < files.length;
  }

  const element = el(
    "form",
    {
      class: "command-form",
      testid: "command-form",
      noValidate: true,
      "aria-label": `Options of /${command.label}`,
      on: {
        submit: (event) => {
          event.preventDefault();
          submit();
        },
        keydown: (event) => event.key === "Escape" && done(),
      },
    },
    el(
      "header",
      { class: "command-head" },
      el("strong", {}, `/${command.label}`),
      el("span", { class: "command-description" }, command.description),
      el(
        "button",
        {
          class: "icon-button",
          type: "button",
          "aria-label": "Give up this command",
          on: { click: done },
        },
        icon("close"),
      ),
    ),
    rows,
    failure,
    el("footer", { class: "command-foot" }, chips, run),
  );

  for (const option of command.options.filter(({ required }) => required)) addRow(option);
  chips.append(...command.options.filter(({ required }) => !required).map(chipFor));
  const focus = () => ([...fields.values()][0] ?? run).focus();
  return { element, focus, takeFiles };
}
