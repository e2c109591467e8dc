// One line of the log: a request with its answer, an event, or a frame; its JSON below on demand.

import { el } from "/page/js/dom.js";
import { plain } from "/page/js/markdown.js";
import { secondOfDay } from "/page/js/timestamps.js";

const LONGEST_DETAIL = 120;
const FIRST_FAILURE = 400;

/** Interactions come by the gateway, and are answered by callbacks and by their webhook. */
export const isInteraction = ({ summary }) =>
  summary === "INTERACTION_CREATE" || / \/(interactions|webhooks)\//.test(summary);

export const isFailure = ({ status }) => status !== null && status >= FIRST_FAILURE;

const ANSWERS = {
  4: "a message",
  5: "deferred",
  6: "deferred update",
  7: "an update",
  8: "choices",
  9: "a modal",
};
const KINDS = { 2: "command", 3: "component", 4: "autocomplete", 5: "modal" };

function optionNames(options) {
  const inner = options?.find(({ type }) => type === 1 || type === 2);
  return inner ? [inner.name, ...optionNames(inner.options)] : [];
}

function interactionDetail({ type, data, member, user }) {
  const who = (member?.user ?? user)?.global_name ?? "";
  const isCommand = type === 2 || type === 4;
  const name = isCommand ? [data.name, ...optionNames(data.options)].join(" ") : data.custom_id;
  return `${who}: ${KINDS[type]} ${name}`;
}

/** What an entry is about, in a few words; empty where its JSON has none. */
function detail({ summary, body }) {
  if (!body || typeof body !== "object") return "";
  if (summary === "INTERACTION_CREATE") return interactionDetail(body);
  const answered = / \/interactions\//.test(summary) && ANSWERS[body.request?.type];
  const said = body.request?.data?.content ?? body.request?.content ?? body.content;
  const error = body.answer?.code && body.answer?.message;
  const emoji = body.emoji?.name;
  const title = body.request?.data?.title;
  return [error, answered, title, typeof said === "string" && plain(said), emoji, body.name]
    .filter((each) => typeof each === "string" && each !== "")
    .join(" · ")
    .slice(0, LONGEST_DETAIL);
}

const pretty = (body) => (typeof body === "string" ? body : JSON.stringify(body, null, 2));

function head(entry, about) {
  const { at, direction, kind, summary, status, took_ms: tookMs } = entry;
  const sent = direction === "bot";
  const way = el("span", { class: "log-way", "aria-hidden": "true" }, sent ? "→" : "←");
  way.title = sent ? "The bot sent" : "The bot received";
  const statusClass = isFailure(entry) ? "log-status log-status-bad" : "log-status";
  return [
    way,
    el("span", { class: "visually-hidden" }, sent ? "Sent:" : "Received:"),
    el("span", { class: "log-summary" }, summary),
    status !== null && el("span", { class: statusClass }, String(status)),
    about && el("span", { class: "log-detail" }, about),
    el(
      "span",
      { class: "log-meta" },
      `${kind} · `,
      secondOfDay(at),
      tookMs !== null && ` · ${tookMs} ms`,
    ),
  ];
}

/**
 * @param {object} entry of the people API's log.
 * @returns {{node: HTMLElement, fits: (words: string, is: (entry: object) => boolean) => boolean}}
 *   `words` are looked for, in small letters, in the line and in its JSON.
 */
export function logEntry(entry) {
  const { direction, body } = entry;
  const about = detail(entry);
  const way = direction === "bot" ? "log-sent" : "log-received";
  const hasBody = body !== null && body !== undefined && body !== "";
  const node = el("li", { class: `log-entry ${way}` });
  if (hasBody) {
    const pre = el("pre", { tabIndex: 0, "aria-label": `${entry.summary} as JSON` });
    pre.setAttribute("role", "region");
    const details = el("details", {}, el("summary", { class: "log-head" }, ...head(entry, about)));
    details.append(pre);
    // Most bodies are never opened: they become text only then.
    details.addEventListener("toggle", () => pre.replaceChildren(pretty(body)), { once: true });
    node.append(details);
  } else {
    node.append(el("div", { class: "log-head" }, ...head(entry, about)));
  }
  let text = null;
  const fits = (words, is) => {
    if (!is(entry)) return false;
    if (words === "") return true;
    text ??= `${entry.summary} ${about} ${JSON.stringify(body)}`.toLowerCase();
    return text.includes(words);
  };
  return { node, fits };
}
