// The part of chat markdown that bots use, turned into nodes. No HTML passes through here.

import { el } from "/page/js/dom.js";
import { reportLoss, visitChannel } from "/page/js/session.js";
import { spoiler } from "/page/js/spoiler.js";
import { state } from "/page/js/store.js";
import { timestamp } from "/page/js/timestamps.js";

// Nested marks deeper than this stay text, so that no message can exhaust the stack.
const DEEPEST = 6;

const wrap = (tag) => (match, depth) => el(tag, {}, ...inline(match[1], depth + 1));

// Tried in order at each position; a builder that gives null leaves the text as it stands.
const RULES = [
  [/\\([^0-9A-Za-z\s])/uy, (match) => match[1]],
  [/``(.+?)``/sy, (match) => el("code", {}, match[1].trim())],
  [/`([^`]+)`/y, (match) => el("code", {}, match[1])],
  [/\*\*(.+?)\*\*(?!\*)/sy, wrap("strong")],
  [/__(.+?)__(?!_)/sy, wrap("u")],
  [/\*(?![\s*])(.+?)(?<![\s*])\*(?!\*)/sy, wrap("em")],
  [/(?<!\w)_(?![\s_])(.+?)(?<![\s_])_(?!\w)/sy, wrap("em")],
  [/~~(.+?)~~/sy, wrap("s")],
  [/\|\|(.+?)\|\|/sy, (match, depth) => spoiler("span", inline(match[1], depth + 1))],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (match) => timestamp(Number(match[1]), match[2])],
  [/<@!?(\d{1,20})>/y, (match) => mention("@", personName(match[1]), match[1] === state.me)],
  [/<@&(\d{1,20})>/y, (match) => mention("@", roleName(match[1]), false)],
  [/<#(\d{1,20})>/y, (match) => channelMention(match[1]) ?? mention("#", "unknown", false)],
  [/<\/([^:<>]{1,100}):\d{1,20}>/y, (match) => mention("/", match[1], false)],
  [/<a?:(\w{1,32}):\d{1,20}>/y, (match) => `:${match[1]}:`],
  [/<(https?:\/\/[^\s<>]+)>/y, (match) => link(match[1], match[1])],
  [/\[([^\]\n]+)\]\(<?(https?:\/\/[^\s()<>]+)>?\)/y, (match) => link(match[2], match[1])],
  [
    /https:\/\/discord\.com\/channels\/\d{1,20}\/(\d{1,20})\/\d{1,20}/y,
    (match) => channelMention(match[1], " › message"),
  ],
  [/https?:\/\/[^\s<]*[^\s<.,:;"')\]*_~|]/y, (match) => link(match[0], match[0])],
];
const SPECIAL = /[\\`*_~|<[]|https?:\/\//g;

function personName(id) {
  return state.people.get(id)?.name ?? (state.bot?.id === id ? state.bot.name : "unknown");
}

function roleName(id) {
  const roles = state.guilds.flatMap((guild) => guild.roles);
  return roles.find((role) => role.id === id)?.name ?? "unknown";
}

function mention(sign, name, isMe) {
  return el("span", { class: isMe ? "mention mention-me" : "mention" }, `${sign}${name}`);
}

/** Leads to a channel or a thread; null where the person sees none of that id. */
function channelMention(id, what = "") {
  const channel = state.channels.get(id);
  if (!channel) return null;
  const visit = (event) => {
    event.preventDefault();
    visitChannel(id).catch(reportLoss);
  };
  const place = new URLSearchParams({ as: state.me, guild: channel.guild_id ?? "", channel: id });
  // No button: its words would stand in a box of their own, and the sentence would break around it.
  return el(
    "a",
    { class: "mention mention-channel", href: `#${place}`, on: { click: visit } },
    `#${channel.name}${what}`,
  );
}

/** A link that leaves the page; null unless it is plain http or https. */
export function link(href, text) {
  if (!URL.canParse(href) || !/^https?:$/.test(new URL(href).protocol)) return null;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

function matchAt(text, at, depth) {
  for (const [pattern, build] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const node = match && build(match, depth);
    if (node) return { node, end: at + match[0].length };
  }
  return null;
}

/** Marks inside one paragraph. @returns {(Node|string)[]} */
export function inline(text, depth = 0) {
  if (depth > DEEPEST) return [text];
  const nodes = [];
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const found = SPECIAL.exec(text);
    if (!found) break;
    const hit = matchAt(text, found.index, depth);
    if (hit) {
      nodes.push(text.slice(plainFrom, found.index), hit.node);
      plainFrom = hit.end;
      at = hit.end;
    } else {
      at = found.index + 1;
    }
  }
  return [...nodes, text.slice(plainFrom)].filter((node) => node !== "");
}

const BLOCKS = [
  [
    /^(#{1,3}) +(.+)$/,
    (m) => el("p", { class: `heading heading-${m[1].length}` }, ...inline(m[2])),
  ],
  [/^-# +(.+)$/, (m) => el("p", { class: "subtext" }, ...inline(m[1]))],
  [/^> ?(.*)$/, (m) => el("blockquote", {}, ...inline(m[1]))],
  [
    /^(\s*)[-*] +(.+)$/,
    (m) => el("p", { class: m[1] ? "bullet bullet-in" : "bullet" }, ...inline(m[2])),
  ],
];

/** Lines that are no block of their own flow together, so that marks may span them. */
function paragraphs(text) {
  const nodes = [];
  let run = [];
  const flush = () => {
    if (run.some((line) => line !== "")) nodes.push(el("p", {}, ...inline(run.join("\n"))));
    run = [];
  };
  for (const line of text.split("\n")) {
    const block = BLOCKS.map(([pattern, build]) => [pattern.exec(line), build]).find(([m]) => m);
    if (block) {
      flush();
      nodes.push(block[1](block[0]));
    } else {
      run.push(line);
    }
  }
  flush();
  return nodes;
}

/** A whole text: code fences, then blocks and paragraphs. @returns {Node[]} */
export function markdown(text) {
  return text.split(/```(?:[\w+-]*\n)?([\s\S]+?)```/).flatMap((part, index) => {
    const isCode = index % 2 === 1;
    if (isCode) return [el("pre", {}, el("code", {}, part.replace(/\n$/, "")))];
    return paragraphs(part.replace(/^\n|\n$/g, ""));
  });
}

/** The text without its marks, for titles and announcements. */
export function plain(text) {
  return markdown(text)
    .map((node) => node.textContent)
    .join(" ");
}
