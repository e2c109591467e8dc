// The list of commands over the message field while it begins with "/".

import { el } from "/page/js/dom.js";
import { me } from "/page/js/store.js";

/**
 * @param {(command: object) => void} chosen
 * @returns {{element: HTMLElement, show: (commands: object[]) => void, hide: () => void,
 *   isOpen: () => boolean, mark: (step: number) => string, choose: () => void}} `mark` moves the
 *   mark and gives the id of the marked entry.
 */
export function palette(chosen) {
  let commands = [];
  let active = 0;
  const element = el("ul", {
    class: "panel palette",
    id: "palette",
    role: "listbox",
    "aria-label": "Commands",
    testid: "palette",
    tabIndex: 0, // it scrolls
    hidden: true,
    // On pointer down, so that the field keeps its focus.
    on: { pointerdown: (event) => event.preventDefault() },
  });

  const entry = (command, index) =>
    el(
      "li",
      {
        role: "option",
        id: `palette-${index}`,
        class: "palette-entry",
        testid: `command-${command.name}`,
        on: { click: () => chosen(command) },
      },
      el("span", { class: "palette-name" }, `/${command.label}`),
      el("span", { class: "palette-description" }, command.description),
      el("span", { class: "palette-options" }, command.options.map(({ label }) => label).join("  ")),
    );

  function mark(step) {
    active = (active + step + commands.length) % commands.length;
    [...element.children].forEach((node, index) =>
      node.setAttribute("aria-selected", String(index === active)),
    );
    element.children[active].scrollIntoView({ block: "nearest" });
    return element.children[active].id;
  }

  return {
    element,
    mark,
    show(list) {
      commands = list;
      element.lang = me()?.locale ?? "";
      active = 0;
      element.hidden = false;
      const none = el(
        "li",
        { class: "palette-none", role: "option", "aria-disabled": "true" },
        "No such command here",
      );
      element.replaceChildren(...(list.length > 0 ? list.map(entry) : [none]));
      if (list.length > 0) mark(0);
    },
    hide() {
      element.hidden = true;
    },
    isOpen: () => !element.hidden && commands.length > 0,
    choose: () => chosen(commands[active]),
  };
}
