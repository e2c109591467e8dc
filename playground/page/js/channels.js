// Servers, channels with their threads, and the heading of the open one.

import { byId, el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { reportLoss, visitChannel, visitDirect, visitGuild } from "/page/js/session.js";
import { me, on, openedChannel, state } from "/page/js/store.js";

const ICONS = { text: "hash", thread: "thread", dm: "letter" };

const iconOf = (channel) => icon(channel.locked ? "lock" : (ICONS[channel.kind] ?? "hash"));

function serverRow(guild) {
  return el(
    "li",
    {},
    el(
      "button",
      {
        class: "server",
        type: "button",
        testid: `guild-${guild.id}`,
        "aria-current": guild.id === state.guild ? "true" : null,
        on: { click: () => visitGuild(guild.id).catch(reportLoss) },
      },
      guild.name,
    ),
  );
}

function channelRow(channel, threads) {
  const isUnread = state.unread.has(channel.id);
  return el(
    "li",
    {},
    el(
      "button",
      {
        class: `channel${isUnread ? " channel-unread" : ""}${channel.archived ? " channel-archived" : ""}`,
        type: "button",
        testid: `channel-${channel.id}`,
        title: channel.name,
        "aria-current": channel.id === state.channel ? "page" : null,
        on: { click: () => visitChannel(channel.id).catch(reportLoss) },
      },
      iconOf(channel),
      el("span", { class: "channel-name" }, channel.name),
      isUnread && el("span", { class: "visually-hidden" }, "unread"),
    ),
    threads.length > 0 &&
      el("ul", { class: "threads" }, ...threads.map((each) => channelRow(each, []))),
  );
}

/** The conversation with the bot: offered before there is one. */
function directRow(channel) {
  const name = channel?.name ?? state.bot.name;
  const isUnread = state.unread.has(channel?.id);
  return el(
    "li",
    {},
    el(
      "button",
      {
        class: `channel${isUnread ? " channel-unread" : ""}`,
        type: "button",
        testid: "direct",
        "aria-current": channel && channel.id === state.channel ? "page" : null,
        on: { click: () => visitDirect().catch(reportLoss) },
      },
      icon("letter"),
      el("span", { class: "channel-name" }, name),
      isUnread && el("span", { class: "visually-hidden" }, "unread"),
    ),
  );
}

function showLists() {
  const homes = Object.keys(me()?.guilds ?? {});
  const focused = byId("sidebar").contains(document.activeElement)
    ? document.activeElement.dataset.testid
    : undefined;
  byId("servers").replaceChildren(
    ...state.guilds.filter((guild) => homes.includes(guild.id)).map(serverRow),
  );
  const all = [...state.channels.values()];
  const under = (parent) => all.filter((each) => each.parent_id === parent.id);
  const top = all.filter((each) => each.parent_id === null && each.kind !== "dm");
  byId("channels").replaceChildren(...top.map((channel) => channelRow(channel, under(channel))));
  if (state.bot) byId("direct").replaceChildren(directRow(all.find((each) => each.kind === "dm")));
  if (focused)
    byId("sidebar")
      .querySelector(`[data-testid="${CSS.escape(focused)}"]`)
      ?.focus();
}

function showPlace() {
  const channel = openedChannel();
  if (!channel) {
    byId("place").replaceChildren(el("h1", { class: "place-name" }, "No channel"));
    return;
  }
  const parent = state.channels.get(channel.parent_id);
  const back =
    parent &&
    el(
      "button",
      {
        class: "bar-button place-back",
        type: "button",
        testid: "back",
        "aria-label": `Back to ${parent.name}`,
        on: { click: () => visitChannel(parent.id).catch(reportLoss) },
      },
      icon("back"),
      el("span", {}, `#${parent.name}`),
    );
  const flag = channel.locked ? "Locked" : channel.archived ? "Archived" : "";
  byId("place").replaceChildren(
    ...[
      back,
      el(
        "h1",
        { class: "place-name", testid: "place" },
        iconOf(channel),
        el("span", {}, channel.name),
      ),
      flag && el("span", { class: "badge" }, flag),
      channel.nsfw && el("span", { class: "badge" }, "Age-restricted"),
    ].filter(Boolean),
  );
  document.title = `${channel.name} · Cogreel Playground`;
}

export function startChannels() {
  on("channels", () => {
    showLists();
    showPlace();
  });
  on("people", showLists);
}
