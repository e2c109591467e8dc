// One message. Its parts are filled apart, so that an edit of one leaves the others as they are.

import { postClick } from "/page/js/api.js";
import { avatar } from "/page/js/avatar.js";
import { components } from "/page/js/components.js";
import { el, fill, resting } from "/page/js/dom.js";
import { embed } from "/page/js/embeds.js";
import { icon } from "/page/js/icons.js";
import { settle } from "/page/js/interactions.js";
import { markdown, plain } from "/page/js/markdown.js";
import { attachment } from "/page/js/media.js";
import { reactionChips, reactionPicker } from "/page/js/reactions.js";
import { reportLoss, visitChannel } from "/page/js/session.js";
import { dismissMessage, me, state } from "/page/js/store.js";
import { clockTime } from "/page/js/timestamps.js";
import { contextMenu } from "/page/js/context_menu.js";

function commandLine({ command }) {
  return (
    command &&
    el(
      "p",
      { class: "lead" },
      avatar(command.person),
      el("strong", {}, command.person.name),
      " used ",
      el("span", { class: "mention" }, `/${command.name}`),
    )
  );
}

function replyLine({ reply_to: target }) {
  if (!target) return null;
  const original = state.messages.get(target);
  const says = original ? plain(original.content).slice(0, 90) : "an earlier message";
  return el(
    "p",
    { class: "lead" },
    el("span", { class: "lead-arrow", "aria-hidden": "true" }, "↳"),
    original ? el("strong", {}, original.author.name) : "",
    el("span", { class: "lead-text" }, says),
  );
}

function heading(message) {
  return [
    el("span", { class: "author" }, message.author.name),
    message.author.bot && el("span", { class: "badge" }, "Bot"),
    clockTime(message.created_at, { class: "written" }),
  ];
}

function content(message) {
  if (message.loading) {
    return el(
      "p",
      { class: "thinking" },
      el("span", { class: "reel" }),
      `${message.author.name} is thinking…`,
    );
  }
  const nodes = message.content ? markdown(message.content) : [];
  const { edited_at: edited } = message;
  if (edited) nodes.push(el("small", { class: "edited" }, "edited ", clockTime(edited)));
  return nodes;
}

function threadCard({ thread }) {
  return (
    thread &&
    el(
      "button",
      {
        class: "thread-card",
        type: "button",
        testid: `thread-${thread.id}`,
        on: { click: () => visitChannel(thread.id).catch(reportLoss) },
      },
      icon("thread"),
      el("span", { class: "thread-name" }, thread.name),
      el("span", { class: "thread-open" }, thread.archived ? "Archived · open" : "Open the thread"),
    )
  );
}

function privateNote(message) {
  return (
    message.ephemeral &&
    el(
      "p",
      { class: "private-note" },
      icon("eye"),
      "Only you can see this",
      el(
        "button",
        {
          class: "plain-button",
          type: "button",
          testid: `dismiss-${message.id}`,
          on: { click: () => dismissMessage(message.id) },
        },
        "Dismiss",
      ),
    )
  );
}

// Signed addresses change at every reading; the file behind them does not.
const fileKey = ({ id, filename }) => [id, filename];

/** Presses a control: it rests until the bot has answered, and a refusal shows below it. */
async function press(message, customId, values, control, fail) {
  fail("");
  const payload = { as: state.me, channel: message.channel_id, message: message.id };
  await resting(control, async () => {
    try {
      settle(await postClick({ ...payload, custom_id: customId, values }));
    } catch (error) {
      fail(error.message);
    }
  });
  if (control.tagName === "SELECT") control.selectedIndex = 0;
}

/**
 * Makes the node of a message.
 *
 * @returns {{node: HTMLElement, update: (message: object) => void}}
 */
export function messageNode(first) {
  const slot = (name, tag = "div") => el(tag, { class: name });
  const parts = {
    lead: slot("leads"),
    face: slot("face"),
    heading: slot("message-heading"),
    content: slot("content prose"),
    embeds: slot("embeds"),
    files: slot("files"),
    controls: slot("controls"),
    reactions: slot("reaction-line"),
    thread: slot("thread-line"),
    note: slot("note-line"),
  };
  const failure = el("p", { class: "failure", role: "alert", hidden: true });
  const fail = (sentence) => {
    failure.textContent = sentence;
    failure.hidden = sentence === "";
  };
  const tools = el("div", { class: "tools" });
  const node = el(
    "li",
    { class: "message", testid: `message-${first.id}`, id: `message-${first.id}` },
    parts.lead,
    parts.face,
    el(
      "div",
      { class: "body" },
      parts.heading,
      parts.content,
      parts.embeds,
      parts.files,
      parts.controls,
      failure,
      parts.reactions,
      parts.thread,
      parts.note,
    ),
    tools,
  );

  const update = (message) => {
    const { id, author, reactions, thread } = message;
    const key = (...values) => JSON.stringify(values);
    const files = message.attachments.map(fileKey);
    node.classList.toggle("message-private", message.ephemeral);
    // A private answer is in the language of the one who asked: its letters are drawn as that's.
    parts.content.lang = message.ephemeral ? (me()?.locale ?? "") : "";
    node.classList.toggle("message-pings", message.mentions.includes(state.me));
    fill(parts.lead, key(message.command, message.reply_to), () => [
      commandLine(message),
      replyLine(message),
    ]);
    fill(parts.face, key(author), () => avatar(author));
    fill(parts.heading, key(author, message.created_at), () => heading(message));
    fill(parts.content, key(message.content, message.loading, message.edited_at), () =>
      content(message),
    );
    fill(parts.embeds, key(message.embeds, files), () =>
      message.embeds.map((each) => embed(each, message.attachments)),
    );
    // A layout shows the files that its components refer to, and no others.
    const loose = message.v2 ? [] : message.attachments;
    fill(parts.files, key(loose.map(fileKey)), () => loose.map(attachment));
    fill(parts.controls, key(message.components, files), () =>
      components(message.components, {
        attachments: message.attachments,
        press: (customId, values, control) => press(message, customId, values, control, fail),
      }),
    );
    fill(parts.reactions, key(reactions, state.me), () => reactionChips(message, fail));
    fill(parts.thread, key(thread?.id, thread?.name, thread?.archived), () => threadCard(message));
    fill(parts.note, key(message.ephemeral), () => privateNote(message));
    fill(tools, key(id, message.ephemeral), () =>
      message.ephemeral ? [] : [reactionPicker(message, fail), contextMenu(message, fail)],
    );
  };
  update(first);
  return { node, update };
}
