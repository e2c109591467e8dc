// A small panel that a button opens, and that Escape, a choice or leaving it closes.

import { el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";

/**
 * @param {{testid: string, label: string, iconName: string, panelClass: string,
 *   build: (chosen: (act: () => void) => () => void) => Node[]}} how `build` makes the panel at
 *   each opening; `chosen(act)` is the click listener of an entry: it closes, then acts.
 */
export function popup({ testid, label, iconName, panelClass, build }) {
  const panel = el("div", { class: panelClass, role: "group", "aria-label": label, hidden: true });
  const opener = el(
    "button",
    {
      class: "tool",
      type: "button",
      testid,
      "aria-label": label,
      "aria-expanded": "false",
      on: { click: () => (panel.hidden ? open() : close()) },
    },
    icon(iconName),
  );
  const box = el("div", { class: "popup" }, opener, panel);

  function close() {
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  }
  const chosen = (act) => () => {
    opener.focus();
    close();
    act();
  };
  function open() {
    panel.replaceChildren(...build(chosen));
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    panel.querySelector("button")?.focus();
  }

  // The opener keeps its focus while an entry is pressed: some browsers focus no button on a
  // click, and the focus lost to nothing would close the panel under the pointer.
  panel.addEventListener("pointerdown", (event) => {
    if (event.target.tagName !== "INPUT") event.preventDefault();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    close();
    opener.focus();
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) close();
  });
  return box;
}
