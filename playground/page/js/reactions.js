// Reaction chips, and the small picker.

import { react, unreact } from "/page/js/api.js";
import { el } from "/page/js/dom.js";
import { popup } from "/page/js/popup.js";
import { putMessage, state } from "/page/js/store.js";

const PICKS = [
  ["🔁", "again"],
  ["❌", "cancel"],
  ["⭐", "star"],
  ["👍", "thumbs up"],
  ["✉️", "letter"],
  ["🚩", "flag"],
];

const isMine = (reaction) => reaction?.people.includes(state.me) ?? false;

async function toggle(message, emoji, fail) {
  const latest = state.messages.get(message.id) ?? message;
  const mine = isMine(latest.reactions.find((reaction) => reaction.emoji === emoji));
  const payload = { as: state.me, channel: message.channel_id, message: message.id, emoji };
  try {
    putMessage((await (mine ? unreact : react)(payload)).message);
  } catch (error) {
    fail(error.message);
  }
}

function who(reaction) {
  const names = reaction.people.map((id) => state.people.get(id)?.name ?? state.bot?.name);
  return names.filter(Boolean).join(", ");
}

/** The chips below a message. `fail` shows a refusal there. */
export function reactionChips(message, fail) {
  if (message.reactions.length === 0) return null;
  return el(
    "div",
    { class: "reactions", role: "group", "aria-label": "Reactions" },
    ...message.reactions.map((reaction) =>
      el(
        "button",
        {
          class: "chip",
          type: "button",
          testid: `reaction-${reaction.emoji}`,
          title: who(reaction),
          "aria-pressed": String(isMine(reaction)),
          "aria-label": `${reaction.emoji}, ${reaction.count} from ${who(reaction)}`,
          on: { click: () => toggle(message, reaction.emoji, fail) },
        },
        el("span", { "aria-hidden": "true" }, reaction.emoji),
        el("span", { class: "chip-count" }, String(reaction.count)),
      ),
    ),
  );
}

/** The button that opens the picker, and the picker itself. */
export function reactionPicker(message, fail) {
  return popup({
    testid: `react-${message.id}`,
    label: "React",
    iconName: "smile",
    panelClass: "panel picker",
    build: (chosen) => [
      ...PICKS.map(([emoji, meaning]) =>
        el(
          "button",
          {
            class: "pick",
            type: "button",
            testid: `pick-${emoji}`,
            "aria-label": `${emoji} ${meaning}`,
            on: { click: chosen(() => toggle(message, emoji, fail)) },
          },
          emoji,
        ),
      ),
      anyEmoji((emoji) => chosen(() => toggle(message, emoji, fail))()),
    ],
  });
}

/** A field for an emoji that is not among the picks: typed, pasted, or from the keyboard's own. */
function anyEmoji(picked) {
  const field = el("input", {
    class: "input pick-field",
    type: "text",
    maxLength: 32,
    placeholder: "Any emoji",
    "aria-label": "Any other emoji",
    autocomplete: "off",
    testid: "pick-any",
  });
  return el(
    "form",
    {
      class: "pick-any",
      on: {
        submit: (event) => {
          event.preventDefault();
          if (field.value.trim() !== "") picked(field.value.trim());
        },
      },
    },
    field,
    el("button", { class: "button button-secondary", type: "submit" }, "React"),
  );
}
