// The list of messages: what comes, changes and goes, and where the eye is.

import { choose } from "/page/js/composer.js";
import { announce, byId, el } from "/page/js/dom.js";
import { messageNode } from "/page/js/message.js";
import { spoken } from "/page/js/spoken.js";
import { on, openedChannel, state } from "/page/js/store.js";
import { dayOf } from "/page/js/timestamps.js";

// Messages of one author this close together stand under one heading.
const ONE_BREATH_MS = 5 * 60 * 1000;
// This near to the end counts as reading the newest.
const NEAR_END_PX = 80;

const nodes = new Map(); // id -> {node, update}
let followsEnd = true;

function isContinued(message, previous) {
  if (!previous || message.command || message.reply_to) return false;
  const gap = Date.parse(message.created_at) - Date.parse(previous.created_at);
  return (
    previous.author.id === message.author.id &&
    previous.ephemeral === message.ephemeral &&
    gap < ONE_BREATH_MS
  );
}

/** Order, headings and days follow from the whole list. */
function arrange() {
  const list = byId("messages");
  let previous = null;
  let place = list.firstElementChild;
  for (const message of state.messages.values()) {
    const { node } = nodes.get(message.id);
    const day = dayOf(message.created_at);
    const isNewDay = !previous || dayOf(previous.created_at) !== day;
    node.classList.toggle("message-continued", !isNewDay && isContinued(message, previous));
    if (isNewDay) node.dataset.day = day;
    else delete node.dataset.day;
    // A node that is where it belongs is not moved: moving one stops its video.
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
    previous = message;
  }
}

function show() {
  byId("messages").querySelector(".empty")?.remove();
  for (const [id, { node }] of nodes) {
    if (!state.messages.has(id)) {
      node.remove();
      nodes.delete(id);
    }
  }
  for (const message of state.messages.values()) {
    const known = nodes.get(message.id);
    if (known) known.update(message);
    else nodes.set(message.id, messageNode(message));
  }
  arrange();
  if (state.messages.size === 0) byId("messages").append(emptyNote());
}

/** What to do first: the bot's first command is one press away. */
function emptyNote() {
  const { name, kind, topic } = openedChannel() ?? {};
  const note = el("li", { class: "empty", testid: "empty" });
  if (!name) return note;
  const first = state.commands.find((command) => command.kind === "slash");
  note.append(el("p", {}, `Nothing in ${name} yet.${topic ? ` ${topic}.` : ""}`));
  if (!first) {
    const isAway = state.bot?.connected === false;
    note.append(el("p", {}, isAway ? "The bot is not connected, so it has no commands yet." : ""));
    return note;
  }
  if (kind === "text") note.append(startButton(first));
  note.append(el("p", {}, "Type / to see everything that the bot can do."));
  return note;
}

function startButton(command) {
  return el(
    "button",
    {
      class: "button button-primary",
      type: "button",
      testid: "first-command",
      on: { click: () => choose(command) },
    },
    `Start with /${command.label}`,
  );
}

/** The commands arrive after the messages, and anew where the bot comes back. */
function renewEmptyNote() {
  byId("messages").querySelector("[data-testid=empty]")?.replaceWith(emptyNote());
}

function scrollToEnd() {
  const scroller = byId("scroller");
  scroller.scrollTop = scroller.scrollHeight;
}

function tell(message, before) {
  const sentence = spoken(message, before);
  if (sentence) announce(sentence);
}

function change({ kind, message, before }) {
  if (kind === "edit" && nodes.has(message.id)) nodes.get(message.id).update(message);
  else show();
  if (message) tell(message, before);
  const mine =
    kind === "new" && (message.author.id === state.me || message.command?.person.id === state.me);
  if (mine || followsEnd) scrollToEnd();
  else if (kind === "new") byId("to-newest").hidden = false;
}

export function startMessages() {
  const scroller = byId("scroller");
  scroller.addEventListener("scroll", () => {
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    followsEnd = left < NEAR_END_PX;
    if (followsEnd) byId("to-newest").hidden = true;
  });
  // Fields that open and pictures that arrive must not push the newest message out of sight.
  const watcher = new ResizeObserver(() => followsEnd && scrollToEnd());
  watcher.observe(scroller);
  watcher.observe(byId("messages"));
  byId("to-newest").addEventListener("click", scrollToEnd);
  on("opened", () => {
    for (const { node } of nodes.values()) node.remove();
    nodes.clear();
    followsEnd = true;
    byId("messages").replaceChildren(el("li", { class: "empty" }, "Reading…"));
    byId("to-newest").hidden = true;
  });
  on("messages", change);
  on("commands", renewEmptyNote);
  on("people", renewEmptyNote);
}
