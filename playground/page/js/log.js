// What the bot sent and received, read while the panel is open.

import { getLog, resetLog } from "/page/js/api.js";
import { announce, byId, el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { isFailure, isInteraction, logEntry } from "/page/js/log_entry.js";

const PAUSE_MS = 1000;
const KEPT_ENTRIES = 400;
const TYPING_PAUSE_MS = 150;
const KINDS = [
  ["Everything", () => true],
  ["Interactions", isInteraction],
  ["REST calls", ({ kind }) => kind === "REST"],
  ["Gateway", ({ kind }) => kind === "gateway"],
  ["Failures", isFailure],
];

let last = 0;
let timer = 0;
let entries = []; // {node, fits}, oldest first

const list = el("ol", {
  class: "log-list",
  testid: "log-list",
  "aria-label": "Log, newest last",
  tabIndex: 0,
});
const note = el("p", { class: "log-note" });
const words = el("input", {
  type: "search",
  class: "input",
  placeholder: "Find in the log",
  "aria-label": "Find in the log",
  testid: "log-words",
});
const kind = el(
  "select",
  { class: "select", "aria-label": "Show in the log", testid: "log-kind" },
  ...KINDS.map(([name], index) => el("option", { value: String(index) }, name)),
);

function filter(some = entries) {
  const typed = words.value.trim().toLowerCase();
  const [, is] = KINDS[Number(kind.value)];
  for (const { node, fits } of some) node.hidden = !fits(typed, is);
  const shown = entries.filter(({ node }) => !node.hidden).length;
  note.textContent = entries.length === 0 ? "Nothing yet." : "Nothing of this kind.";
  note.hidden = shown > 0;
  return shown;
}

async function read() {
  const found = (await getLog(last, KEPT_ENTRIES)).entries;
  if (found.length === 0) return;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  last = found.at(-1).seq;
  const added = found.map(logEntry);
  list.append(...added.map(({ node }) => node));
  entries.push(...added);
  for (const { node } of entries.splice(0, Math.max(entries.length - KEPT_ENTRIES, 0)))
    node.remove();
  filter(added);
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
  entries = [];
  list.replaceChildren();
  filter();
}

function close() {
  toggleLog();
  byId("toggle-log").focus();
}

export function toggleLog() {
  const panel = byId("log");
  panel.hidden = !panel.hidden;
  byId("toggle-log").setAttribute("aria-expanded", String(!panel.hidden));
  panel.dispatchEvent(new Event("toggle"));
  clearTimeout(timer);
  if (panel.hidden) return;
  words.focus();
  keepReading();
}

export function startLog() {
  const button = (label, props, child) =>
    el("button", { type: "button", "aria-label": label, ...props }, child);
  let typing = 0;
  words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => announce(`${filter()} entries`), TYPING_PAUSE_MS);
  });
  kind.addEventListener("change", () => announce(`${filter()} entries`));
  byId("log").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || (event.target === words && words.value !== "")) return;
    close();
  });
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
        { class: "icon-button", testid: "close-log", on: { click: close } },
        icon("close"),
      ),
    ),
    el("div", { class: "log-filter", role: "search", "aria-label": "Log" }, words, kind),
    note,
    list,
  );
}
