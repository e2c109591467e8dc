// Message components, version 1 (action rows) and version 2 (containers and what is in them).

import { el } from "/page/js/dom.js";
import { accent } from "/page/js/embeds.js";
import { markdown } from "/page/js/markdown.js";
import { mediaItem } from "/page/js/media.js";
import { chooser } from "/page/js/chooser.js";
import { spoiler } from "/page/js/spoiler.js";

const TYPE = {
  ACTION_ROW: 1,
  BUTTON: 2,
  STRING_SELECT: 3,
  USER_SELECT: 5,
  ROLE_SELECT: 6,
  MENTIONABLE_SELECT: 7,
  CHANNEL_SELECT: 8,
  SECTION: 9,
  TEXT: 10,
  THUMBNAIL: 11,
  GALLERY: 12,
  FILE: 13,
  SEPARATOR: 14,
  CONTAINER: 17,
};
const LINK_STYLE = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

function button(data, context) {
  const emoji = data.emoji?.id ? `:${data.emoji.name}:` : data.emoji?.name;
  const content = [
    emoji &&
      el("span", { class: "button-emoji", "aria-hidden": data.label ? "true" : null }, emoji),
    data.label && el("span", {}, data.label),
  ];
  const className = `button button-${STYLES[data.style] ?? "secondary"}`;
  if (data.style === LINK_STYLE) {
    const safe = /^https?:\/\//i.test(data.url ?? "") && !data.disabled;
    const href = safe ? data.url : null;
    return el(
      "a",
      { class: className, href, target: "_blank", rel: "noopener noreferrer" },
      ...content,
    );
  }
  return el(
    "button",
    {
      class: className,
      type: "button",
      disabled: data.disabled === true,
      testid: `button-${data.custom_id}`,
      on: { click: (event) => context.press(data.custom_id, [], event.currentTarget) },
    },
    ...content,
  );
}

function select(data, context) {
  const box = chooser(data, {
    testid: `select-${data.custom_id}`,
    picked: (values) => context.press(data.custom_id, values, box.element),
  });
  return box.element;
}

function covered(data, node) {
  return data.spoiler ? spoiler("div", [node]) : node;
}

const BUILDERS = {
  [TYPE.ACTION_ROW]: (data, context) =>
    el("div", { class: "row" }, ...all(data.components, context)),
  [TYPE.BUTTON]: button,
  [TYPE.STRING_SELECT]: select,
  [TYPE.USER_SELECT]: select,
  [TYPE.ROLE_SELECT]: select,
  [TYPE.MENTIONABLE_SELECT]: select,
  [TYPE.CHANNEL_SELECT]: select,
  [TYPE.SECTION]: (data, context) =>
    el(
      "div",
      { class: "component-section" },
      el("div", { class: "component-section-text" }, ...all(data.components, context)),
      ...all([data.accessory], context),
    ),
  [TYPE.TEXT]: (data) => el("div", { class: "prose" }, ...markdown(data.content)),
  [TYPE.THUMBNAIL]: (data, context) =>
    el(
      "div",
      { class: "component-thumbnail" },
      covered(data, mediaItem(data.media, context.attachments, data.description ?? "")),
    ),
  [TYPE.GALLERY]: (data, context) =>
    el(
      "div",
      { class: "gallery", data: { count: String(data.items.length) } },
      ...data.items.map((item) =>
        covered(item, mediaItem(item.media, context.attachments, item.description ?? "")),
      ),
    ),
  [TYPE.FILE]: (data, context) => covered(data, mediaItem(data.file, context.attachments, "")),
  [TYPE.SEPARATOR]: (data) =>
    el("hr", {
      class: `separator${data.divider === false ? " separator-bare" : ""}${data.spacing === 2 ? " separator-wide" : ""}`,
    }),
  [TYPE.CONTAINER]: (data, context) =>
    covered(
      data,
      accent(
        el("div", { class: "container" }, ...all(data.components, context)),
        data.accent_color,
      ),
    ),
};

function all(list, context) {
  return (list ?? []).map((data) => BUILDERS[data?.type]?.(data, context)).filter(Boolean);
}

/**
 * The components of one message. A type that is not known is left out.
 *
 * @param {object[]} list @param {{attachments: object[],
 *   press: (customId: string, values: string[], control: HTMLElement) => void}} context
 */
export function components(list, context) {
  return all(list, context);
}
