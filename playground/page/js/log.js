// What the bot sent and received, read while the panel is open.

import { getLog, resetLog } from "/page/js/api.js";
import { byId, el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { clockTime } from "/page/js/timestamps.js";

const PAUSE_MS = 1000;
const KEPT_ENTRIES = 400;

let last = 0;
let timer = 0;

const list = el("ol", {
  class: "log-list",
  testid: "log-list",
  "aria-label": "Log, newest last",
  tabIndex: 0,
});
const note = el("p", { class: "log-note" }, "Nothing yet.");

function entry({ at, direction, kind, summary, status, body }) {
  const sent = direction === "bot";
  const head = [
    el(
      "span",
      { class: "log-way", title: sent ? "The bot sent" : "The bot received" },
      sent ? "→" : "←",
    ),
    el("span", { class: "visually-hidden" }, sent ? "sent" : "received"),
    el("span", { class: "log-summary" }, summary),
    status &&
      el(
        "span",
        { class: status >= 400 ? "log-status log-status-bad" : "log-status" },
        String(status),
      ),
    el("span", { class: "log-meta" }, kind, " · ", clockTime(at)),
  ];
  const hasBody = body !== null && body !== undefined && body !== "";
  const text = () => (typeof body === "string" ? body : JSON.stringify(body, null, 2));
  const way = sent ? "log-sent" : "log-received";
  if (!hasBody)
    return el("li", { class: `log-entry ${way}` }, el("div", { class: "log-head" }, ...head));
  const pre = el("pre", {});
  const details = el("details", {}, el("summary", { class: "log-head" }, ...head), pre);
  // Most bodies are never opened: they become text only then.
  details.addEventListener("toggle", () => pre.replaceChildren(text()), { once: true });
  return el("li", { class: `log-entry ${way}` }, details);
}

async function read() {
  const { entries } = await getLog(last);
  if (entries.length === 0) return;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  last = entries.at(-1).seq;
  list.append(...entries.slice(-KEPT_ENTRIES).map(entry));
  while (list.childElementCount > KEPT_ENTRIES) list.firstChild.remove();
  note.hidden = true;
  if (atEnd) list.scrollTop = list.scrollHeight;
}

async function keepReading() {
  try {
    if (!document.hidden) await read();
  } catch (error) {
    note.textContent = error.message;
    note.hidden = false;
  }
  if (!byId("log").hidden) timer = setTimeout(keepReading, PAUSE_MS);
}

async function clear() {
  await resetLog();
  last = 0;
  list.replaceChildren();
  note.textContent = "Nothing yet.";
  note.hidden = false;
}

export function toggleLog() {
  const panel = byId("log");
  panel.hidden = !panel.hidden;
  byId("toggle-log").setAttribute("aria-expanded", String(!panel.hidden));
  clearTimeout(timer);
  if (!panel.hidden) keepReading();
}

export function startLog() {
  const button = (label, props, child) =>
    el("button", { type: "button", "aria-label": label, ...props }, child);
  byId("log").append(
    el(
      "header",
      { class: "log-bar" },
      el("h2", { id: "log-title", class: "section-title" }, "What the bot sent and received"),
      button(
        "Empty the log",
        { class: "plain-button", on: { click: () => clear().catch(() => {}) } },
        "Empty",
      ),
      button(
        "Close the log",
        {
          class: "icon-button",
          on: {
            click: () => {
              toggleLog();
              byId("toggle-log").focus();
            },
          },
        },
        icon("close"),
      ),
    ),
    note,
    list,
  );
}
