// Embeds, with the fields that Discord documents.

import { el } from "/page/js/dom.js";
import { inline, link, markdown } from "/page/js/markdown.js";
import { mediaItem } from "/page/js/media.js";
import { clockTime, dayOf } from "/page/js/timestamps.js";

/** Sets an embed's or a container's 24-bit accent. */
export function accent(node, colour) {
  if (Number.isInteger(colour)) {
    node.style.setProperty("--embed", `#${colour.toString(16).padStart(6, "0")}`);
  }
  return node;
}

function titled(className, text, url) {
  if (!text) return null;
  return el("p", { class: className }, (url && link(url, text)) || el("span", {}, ...inline(text)));
}

function footer(embed) {
  const parts = [embed.footer?.text && el("span", {}, embed.footer.text)];
  if (embed.timestamp) {
    parts.push(el("span", {}, `${dayOf(embed.timestamp)}, `, clockTime(embed.timestamp)));
  }
  const shown = parts.filter(Boolean);
  return shown.length > 0 && el("footer", { class: "embed-footer" }, ...shown);
}

function field({ name, value, inline: isInline }) {
  return el(
    "div",
    { class: isInline ? "embed-field embed-field-inline" : "embed-field" },
    el("dt", {}, ...inline(name)),
    el("dd", {}, ...markdown(value)),
  );
}

export function embed(data, attachments) {
  const media = (item) => item?.url && mediaItem(item, attachments, data.title ?? "");
  const thumbnail = media(data.thumbnail);
  const fields = data.fields ?? [];
  return accent(
    el(
      "article",
      { class: "embed" },
      thumbnail && el("div", { class: "embed-thumbnail" }, thumbnail),
      titled("embed-author", data.author?.name, data.author?.url),
      titled("embed-title", data.title, data.url),
      data.description && el("div", { class: "prose" }, ...markdown(data.description)),
      fields.length > 0 && el("dl", { class: "embed-fields" }, ...fields.map(field)),
      media(data.image),
      footer(data),
    ),
    data.color,
  );
}
