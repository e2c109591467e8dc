// Faces drawn from a colour and an initial; a bot's is the house mark.

import { el } from "/page/js/dom.js";
import { state } from "/page/js/store.js";

const COLOUR = /^#[0-9a-f]{6}$/i;

/** @param {{id: string, name: string, bot?: boolean}} who an author or a person. */
export function avatar(who) {
  if (who.bot && who.id === state.bot?.id) {
    return el("img", { class: "avatar avatar-bot", src: "/page/icon.svg", alt: "" });
  }
  const colour = state.people.get(who.id)?.color;
  const initial = [...who.name.trim()][0] ?? "?";
  const face = el("span", { class: "avatar", "aria-hidden": "true" }, initial.toUpperCase());
  if (COLOUR.test(colour)) face.style.setProperty("--face", colour);
  return face;
}
