// What the page knows now. Views read `state`, listen with `on`, and never write.

export const state = {
  people: new Map(), // id -> Person
  guilds: [],
  bot: null, // {id, name, connected}
  locales: [], // the languages that there are, as Discord names them
  me: null, // the chosen person's id
  guild: null, // the open server's id
  channels: new Map(), // id -> Channel, of the open server, and the direct one
  channel: null, // the open channel's or thread's id
  messages: new Map(), // id -> Message, of the open channel, oldest first
  commands: [], // what `me` may run in the open channel
  unread: new Set(), // channel ids with messages not yet seen
  dismissed: new Set(), // ephemeral messages that `me` put away
  captions: { shown: 0, last: 0, caption: null }, // of a script that tells what it does
  gone: new Set(), // deleted messages: an answer that is still on its way must not bring one back
};

// A busy channel stays bounded in the page as well.
const KEPT_MESSAGES = 200;
const KEPT_GONE = 500;

const bus = new EventTarget();

/** Calls `listener(detail)` after each change of that kind. */
export function on(kind, listener) {
  bus.addEventListener(kind, (event) => listener(event.detail));
}

function emit(kind, detail) {
  bus.dispatchEvent(new CustomEvent(kind, { detail }));
}

export function setWorld({ people, guilds, bot, locales }) {
  state.people = new Map(people.map((person) => [person.id, person]));
  state.guilds = guilds;
  state.bot = bot;
  state.locales = locales;
  emit("people");
}

export function setPerson(person) {
  state.people.set(person.id, person);
  emit("people");
}

export function setBot(bot) {
  state.bot = { ...state.bot, ...bot };
  emit("people");
}

export function setMe(id) {
  state.me = id;
  state.unread.clear();
  state.dismissed.clear();
  emit("people");
}

export function setGuild(id) {
  state.guild = id;
  emit("channels");
}

export function setChannels(channels) {
  state.channels = new Map(channels.map((channel) => [channel.id, channel]));
  emit("channels");
}

export function putChannel(channel) {
  state.channels.set(channel.id, channel);
  emit("channels");
}

// Edits and reactions arrive as messages too; only one younger than all before it is news.
const newest = new Map(); // channel id -> ms of its youngest message
const arrivedAt = Date.now();

export function noteUnread({ channel_id: channelId, created_at: createdAt }) {
  const written = Date.parse(createdAt);
  if (written <= (newest.get(channelId) ?? arrivedAt)) return;
  newest.set(channelId, written);
  if (channelId === state.channel) return;
  state.unread.add(channelId);
  emit("channels");
}

export function setCommands(commands) {
  state.commands = commands;
  emit("commands");
}

/** Opens a channel, empty until its messages are there. */
export function openChannel(id) {
  state.channel = id;
  state.unread.delete(id);
  state.messages = new Map();
  emit("channels");
  emit("opened");
}

const byAge = (a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);

export function setMessages(messages) {
  const shown = messages.filter((message) => !isAway(message.id));
  state.messages = new Map(shown.sort(byAge).map((message) => [message.id, message]));
  emit("messages", { kind: "all" });
}

export function putMessage(message) {
  if (message.channel_id !== state.channel || isAway(message.id)) return;
  const before = state.messages.get(message.id);
  const isNew = before === undefined;
  state.messages.set(message.id, message);
  if (isNew) {
    const sorted = [...state.messages.values()].sort(byAge).slice(-KEPT_MESSAGES);
    state.messages = new Map(sorted.map((each) => [each.id, each]));
  }
  emit("messages", { kind: isNew ? "new" : "edit", message, before });
}

const isAway = (id) => state.dismissed.has(id) || state.gone.has(id);

export function dropMessage(id) {
  state.gone.add(id);
  if (state.gone.size > KEPT_GONE) state.gone.delete(state.gone.values().next().value);
  if (state.messages.delete(id)) emit("messages", { kind: "gone" });
}

/** Puts an ephemeral message away for this visit. */
export function dismissMessage(id) {
  state.dismissed.add(id);
  if (state.messages.delete(id)) emit("messages", { kind: "gone" });
}

export function setCaptions(captions) {
  state.captions = captions;
  emit("captions");
}

/** A modal that the bot opened for `me`. */
export function offerModal(modal) {
  emit("modal", modal);
}

export const me = () => state.people.get(state.me);
export const openedChannel = () => state.channels.get(state.channel);
export const openedGuild = () => state.guilds.find((guild) => guild.id === state.guild);
export const isModerator = (person, guild) => Boolean(person?.guilds?.[guild]?.moderator);
