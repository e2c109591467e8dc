// Where a person writes: plain text, or "/" and a command.

import { postMessage } from "/page/js/api.js";
import { commandForm } from "/page/js/command_form.js";
import { announce, byId, el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { palette } from "/page/js/palette.js";
import { on, openedChannel, putMessage, state } from "/page/js/store.js";

let form = null; // the open command form

const field = el("textarea", {
  id: "composer",
  class: "composer-field",
  rows: 1,
  disabled: true, // until a place is open
  testid: "composer",
  "aria-label": "Message",
  "aria-autocomplete": "list",
  "aria-controls": "palette",
});
const send = el(
  "button",
  { class: "icon-button composer-send", type: "submit", "aria-label": "Send", testid: "send" },
  icon("send"),
);
const failure = el("p", {
  class: "failure",
  role: "alert",
  testid: "composer-error",
  hidden: true,
});
const commands = palette(choose);
const line = el("form", { class: "composer" }, field, send);

function fail(sentence) {
  failure.textContent = sentence;
  failure.hidden = sentence === "";
}

/** Opens the form of a command in place of the message field. */
export function choose(command) {
  closeForm();
  field.value = "";
  filter();
  const place = { as: state.me, channel: state.channel };
  form = commandForm(command, place, closeForm);
  line.hidden = true;
  byId("composer-area").append(form.element);
  form.focus();
}

function closeForm() {
  if (!form) return;
  form.element.remove();
  form = null;
  line.hidden = false;
  field.focus();
}

/**
 * What was typed after "/" narrows the list: names that begin with it first. Otherwise they stand as
 * the bot has registered them, which is from the most usual to the least.
 */
function matching(typed) {
  const wanted = typed.slice(1).trim().toLowerCase();
  const rank = ({ name, label }) => (label.startsWith(wanted) || name.startsWith(wanted) ? 0 : 1);
  const fits = ({ name, label }) => label.includes(wanted) || name.includes(wanted);
  return state.commands
    .filter((command) => command.kind === "slash" && fits(command))
    .sort((a, b) => rank(a) - rank(b));
}

function filter() {
  if (field.value.startsWith("/")) {
    const found = matching(field.value);
    commands.show(found);
    announce(`${found.length} commands`);
  } else commands.hide();
  if (commands.isOpen()) field.setAttribute("aria-activedescendant", commands.mark(0));
  else field.removeAttribute("aria-activedescendant");
}

async function sendText() {
  const content = field.value.trim();
  if (content === "" || send.disabled) return;
  fail("");
  send.disabled = true;
  try {
    putMessage((await postMessage({ as: state.me, channel: state.channel, content })).message);
    field.value = "";
  } catch (error) {
    fail(error.message);
  } finally {
    send.disabled = false;
  }
}

function act() {
  if (commands.isOpen()) commands.choose();
  else if (field.value.startsWith("/")) fail("No such command here.");
  else sendText();
}

function onKey(event) {
  const { key } = event;
  if (event.isComposing) return;
  if (key === "Enter" && !event.shiftKey) act();
  else if (key === "Escape" && !commands.element.hidden) commands.hide();
  else if (commands.isOpen() && key === "Tab" && !event.shiftKey) commands.choose();
  else if (commands.isOpen() && (key === "ArrowDown" || key === "ArrowUp")) {
    field.setAttribute("aria-activedescendant", commands.mark(key === "ArrowDown" ? 1 : -1));
  } else return;
  event.preventDefault();
}

function takeFiles(event, transfer) {
  const files = [...(transfer?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  if (!form) fail("Files go with a command: type / and choose one with an attachment option.");
  else form.takeFiles(files);
}

function changePlace() {
  closeForm();
  fail("");
  const channel = openedChannel();
  const places = {
    thread: "in this thread",
    dm: `to ${channel?.name}`,
    text: `in #${channel?.name}`,
  };
  field.placeholder = channel ? `Write ${places[channel.kind]}, or type / for commands` : "";
  field.disabled = !channel;
}

export function startComposer() {
  byId("composer-area").append(commands.element, failure, line);
  field.addEventListener("input", () => {
    fail("");
    filter();
  });
  field.addEventListener("keydown", onKey);
  field.addEventListener("blur", () => commands.hide());
  field.addEventListener("focus", filter);
  line.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  document.addEventListener("paste", (event) => takeFiles(event, event.clipboardData));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => takeFiles(event, event.dataTransfer));
  on("opened", changePlace);
  on("commands", () => document.activeElement === field && filter());
}
