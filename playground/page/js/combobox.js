// A text field whose choices the bot suggests while one types (ARIA combobox with a listbox).

import { el, freshId } from "/page/js/dom.js";

const PAUSE_MS = 200; // a person's pause in typing; each question goes to the bot

/**
 * @param {{testid: string, ask: (signal: AbortSignal) => Promise<{name: string, value: *}[]>}} how
 * @returns {{element: HTMLElement, value: () => *, typed: () => string, focus: () => void}} `value`
 *   is the picked choice's, or the text itself.
 */
export function combobox({ testid, ask }) {
  let choices = [];
  let picked = null; // the choice whose name stands in the field
  let active = -1;
  let timer = 0;
  let question = null;

  const list = el("ul", {
    class: "panel suggestions",
    role: "listbox",
    id: freshId("choices"),
    hidden: true,
  });
  const input = el("input", {
    type: "text",
    class: "input",
    testid,
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  });
  const element = el("div", { class: "combobox" }, input, list);

  function show(items) {
    choices = items;
    active = -1;
    list.replaceChildren(
      ...items.map((choice, index) =>
        el(
          "li",
          {
            role: "option",
            id: `${list.id}-${index}`,
            class: "suggestion",
            testid: `choice-${choice.value}`,
            // On pointer down, before the field loses focus and the list goes.
            on: {
              pointerdown: (event) => {
                event.preventDefault();
                pick(choice);
              },
            },
          },
          choice.name,
        ),
      ),
    );
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.removeAttribute("aria-activedescendant");
  }

  function pick(choice) {
    picked = choice;
    input.value = choice.name;
    stop();
    show([]);
  }

  function mark(step) {
    active = (active + step + choices.length) % choices.length;
    [...list.children].forEach((node, index) =>
      node.setAttribute("aria-selected", String(index === active)),
    );
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function stop() {
    clearTimeout(timer);
    question?.abort();
  }

  async function askNow() {
    stop();
    const mine = new AbortController();
    question = mine;
    try {
      const items = await ask(mine.signal);
      if (!mine.signal.aborted && document.activeElement === input) show(items);
    } catch {
      if (!mine.signal.aborted) show([]); // suggestions are a help: the text still counts
    }
  }

  input.addEventListener("input", () => {
    picked = null;
    stop();
    timer = setTimeout(askNow, PAUSE_MS);
  });
  input.addEventListener("focus", askNow);
  input.addEventListener("blur", () => {
    stop();
    show([]);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp")
      mark(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && active >= 0) pick(choices[active]);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    element,
    value: () => (picked ? picked.value : input.value === "" ? undefined : input.value),
    typed: () => input.value,
    focus: () => input.focus(),
  };
}
