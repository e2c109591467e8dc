// One or several out of a list: the select components of messages and modals, and options whose
// values are people, roles or channels.

import { el } from "/page/js/dom.js";
import { openedGuild, state } from "/page/js/store.js";

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;

const people = () => {
  const everyone = [...state.people.values()].filter(({ guilds }) => guilds[state.guild]);
  const bot = state.bot && !state.people.has(state.bot.id) ? [state.bot] : [];
  return [...everyone, ...bot].map(({ id, name }) => ({ value: id, label: `@${name}` }));
};
const roles = () =>
  (openedGuild()?.roles ?? []).map(({ id, name }) => ({
    value: id,
    label: `@${name.replace(/^@/, "")}`,
  }));
// Discord's channel types, by what the people API calls them.
const CHANNEL_TYPES = { text: [0], thread: [11, 12], dm: [] };

const channels = (types) =>
  [...state.channels.values()]
    .filter(({ kind }) => CHANNEL_TYPES[kind].some((one) => !types.length || types.includes(one)))
    .map(({ id, name }) => ({ value: id, label: `#${name}` }));

/**
 * What a select of Discord's type offers here and now: `{value, label, ...}` each.
 * @param {number} type @param {object[]} options of a select of texts.
 * @param {number[]} channelTypes of a select of channels; all where there are none.
 */
export function offers(type, options = [], channelTypes = []) {
  if (type === STRING) return options;
  if (type === USER) return people();
  if (type === ROLE) return roles();
  if (type === MENTIONABLE) return [...people(), ...roles()];
  return channels(channelTypes);
}

/** A native select with a first, empty entry. */
export function nativeSelect(list, placeholder, props = {}) {
  const entries = list.map((each) =>
    el(
      "option",
      { value: each.value, selected: each.default === true },
      each.emoji?.name ? `${each.emoji.name} ${each.label}` : each.label,
    ),
  );
  return el(
    "select",
    { class: "select", ...props },
    el("option", { value: "" }, placeholder),
    ...entries,
  );
}

function single(data, list, { testid, picked }) {
  const element = nativeSelect(list, data.placeholder ?? "Choose…", {
    testid,
    "aria-label": picked && (data.placeholder ?? "Choose one"), // in a form its label names it
    disabled: data.disabled === true,
    on: {
      change: () => {
        if (element.value !== "") picked?.([element.value]);
        else if (data.min_values === 0) picked?.([]);
      },
    },
  });
  return { element, values: () => (element.value === "" ? [] : [element.value]) };
}

function several(data, list, { testid, picked }) {
  const boxes = list.map((each) =>
    el("input", { type: "checkbox", value: each.value, checked: each.default === true }),
  );
  const values = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const rows = list.map((each, index) =>
    el(
      "label",
      { class: "check" },
      boxes[index],
      el("span", {}, each.label),
      each.description && el("small", {}, each.description),
    ),
  );
  const apply =
    picked &&
    el(
      "button",
      { class: "button button-primary", type: "button", on: { click: () => picked(values()) } },
      "Apply",
    );
  const element = el(
    "fieldset",
    { class: "checks", testid, disabled: data.disabled === true },
    el("legend", {}, data.placeholder ?? "Choose"),
    ...rows,
    apply,
  );
  return { element, values };
}

/**
 * @param {object} data a select component. @param {{testid: string,
 *   picked?: (values: string[]) => void}} how without `picked`, the form around it asks `values()`.
 * @returns {{element: HTMLElement, values: () => string[]}}
 */
export function chooser(data, how) {
  const picked = new Set(data.default_values?.map((each) => each.id));
  const list = offers(data.type, data.options, data.channel_types).map((each) =>
    picked.has(each.value) ? { ...each, default: true } : each,
  );
  const most = data.max_values ?? 1;
  return most > 1 ? several(data, list, how) : single(data, list, how);
}
