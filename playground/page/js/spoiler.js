// Something hidden until the person asks to see it.

import { el } from "/page/js/dom.js";

/** Covers `children` until a click or Enter. `tag` is "span" in text and "div" around media. */
export function spoiler(tag, children) {
  const inner = el(tag, { class: "spoiler-inner", inert: true }, ...children);
  const cover = el("button", { class: "spoiler-cover", type: "button" }, "Spoiler");
  cover.setAttribute("aria-label", "Show the spoiler");
  const box = el(tag, { class: "spoiler" }, inner, cover);
  cover.addEventListener("click", () => {
    inner.inert = false;
    box.classList.add("spoiler-open");
    cover.remove();
  });
  return box;
}
