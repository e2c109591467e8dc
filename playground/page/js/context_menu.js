// Commands that act on a message, or on the one who wrote it.

import { postCommand } from "/page/js/api.js";
import { el } from "/page/js/dom.js";
import { settle } from "/page/js/interactions.js";
import { popup } from "/page/js/popup.js";
import { state } from "/page/js/store.js";

async function run(command, message, fail) {
  const target = command.kind === "user" ? message.author.id : message.id;
  const call = { as: state.me, channel: message.channel_id, command: command.name };
  fail("");
  try {
    settle(await postCommand({ ...call, options: {}, target }));
  } catch (error) {
    fail(error.message);
  }
}

/** The button and its menu. `fail` shows a refusal at the message. */
export function contextMenu(message, fail) {
  const entry = (command, chosen) =>
    el(
      "button",
      {
        class: "menu-entry",
        type: "button",
        testid: `command-${command.name}`,
        on: { click: chosen(() => run(command, message, fail)) },
      },
      command.label,
      command.kind === "user" && el("small", {}, ` on ${message.author.name}`),
    );
  return popup({
    testid: `more-${message.id}`,
    label: "Commands for this message",
    iconName: "more",
    panelClass: "panel menu",
    build: (chosen) => {
      const usable = state.commands.filter(({ kind }) => kind === "message" || kind === "user");
      if (usable.length > 0) return usable.map((command) => entry(command, chosen));
      return [el("p", { class: "menu-empty" }, "No commands for messages here")];
    },
  });
}
