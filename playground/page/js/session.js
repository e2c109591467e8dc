// Being one person in one channel: what to read when, and what an event changes.

import * as api from "/page/js/api.js";
import { announce, byId } from "/page/js/dom.js";
import { listen } from "/page/js/live.js";
import * as store from "/page/js/store.js";
import { useLocale } from "/page/js/timestamps.js";

const { state } = store;

let hangUp = () => {};
// Each opening has a number: an answer that arrives after the person went elsewhere is dropped.
let opening = 0;
// Events that arrive while something is being read are newer than it: applied again after it.
const recordings = new Set();

/** Reads the world and becomes the person the address names, or the first who moderates nothing. */
export async function start() {
  store.setWorld(await api.getState());
  const asked = new URLSearchParams(location.hash.slice(1));
  const people = [...state.people.values()].filter((person) => !person.bot);
  const isMember = ({ guilds }) => !Object.values(guilds).some(({ moderator }) => moderator);
  const person =
    people.find(({ id }) => id === asked.get("as")) ?? people.find(isMember) ?? people[0];
  if (person) await become(person.id, asked.get("guild"), asked.get("channel"));
}

/**
 * The page acts as this person from now on. It listens before it reads: a message that comes while
 * a channel is being read is news as well.
 */
export async function become(personId, guildId = state.guild, channelId = state.channel) {
  store.setMe(personId);
  useLocale(store.me().locale);
  const homes = Object.keys(store.me().guilds);
  const known = state.guilds.filter(({ id }) => homes.includes(id));
  const guild = known.find(({ id }) => id === guildId) ?? known[0];
  hangUp();
  let isHere = false;
  let wasLost = false;
  const arrive = () => {
    isHere = true;
    Promise.all([readWorld(), visitGuild(guild?.id ?? null, channelId)]).catch(reportLoss);
  };
  hangUp = listen(personId, {
    event: applyEvent,
    open: () => {
      if (wasLost) announce("Connected again.");
      wasLost = false;
      showConnection("");
      if (isHere) reload().catch(reportLoss);
      else arrive();
    },
    lost: (seconds) => {
      wasLost = true;
      showConnection(`Connection lost. Trying again in ${Math.ceil(seconds)} s.`);
      if (!isHere) arrive(); // reading may work where listening does not yet
    },
  });
}

async function readWorld() {
  const { me } = state;
  await reading(
    Promise.all([api.getState(), api.getCaptions()]),
    () => me === state.me,
    ([world, captions]) => {
      store.setWorld(world);
      store.setCaptions(captions);
    },
  );
}

export async function visitGuild(guildId, channelId = null) {
  const turn = ++opening;
  store.setGuild(guildId);
  await readChannels(guildId, turn);
  if (turn !== opening) return;
  const first = [...state.channels.values()].find(isPlain)?.id ?? null;
  await visitChannel(state.channels.has(channelId) ? channelId : first);
}

async function readChannels(guildId, turn) {
  await reading(
    api.getChannels(state.me, guildId),
    () => turn === opening,
    ({ channels }) => store.setChannels(channels),
  );
}

const isPlain = (channel) => channel.kind === "text";

export async function visitChannel(channelId) {
  opening += 1;
  store.openChannel(channelId);
  rememberPlace();
  if (channelId !== null) await read(channelId, opening);
}

/** Reads everything again: what happened while the connection was lost came as no event. */
async function reload() {
  const turn = opening;
  await Promise.all([readWorld(), readChannels(state.guild, turn)]);
  if (turn !== opening) return;
  if (state.channels.has(state.channel)) await read(state.channel, turn);
  else await visitGuild(state.guild); // a playground that was started anew forgot the thread
}

/** Looks at a place as somebody: goes there, unless one is there already. */
export async function lookAs(personId, guildId, channelId) {
  if (personId === state.me && channelId === state.channel) return;
  if (personId === state.me && state.channels.has(channelId)) await visitChannel(channelId);
  else await become(personId, guildId ?? state.guild, channelId);
}

/** Opens the direct conversation with the bot, which is there from the first opening on. */
export async function visitDirect() {
  const known = [...state.channels.values()].find(({ kind }) => kind === "dm");
  const { me } = state;
  const channel = known ?? (await api.openDirect(me)).channel;
  if (me !== state.me) return;
  if (!known) store.putChannel(channel);
  await visitChannel(channel.id);
}

/** The person's Discord speaks this language from now on: everything is read and shown anew. */
export async function speak(locale) {
  const { person } = await api.setLocale(state.me, locale);
  store.setPerson(person);
  if (person.id === state.me) await become(person.id);
}

async function read(channelId, turn) {
  await reading(
    Promise.all([api.getMessages(state.me, channelId), api.getCommands(state.me, channelId)]),
    () => turn === opening,
    ([{ messages }, { commands }]) => {
      store.setMessages(messages);
      store.setCommands(commands);
    },
  );
}

/** Applies what was read, then the events that came meanwhile; nothing if one went elsewhere. */
async function reading(answer, isStillHere, apply) {
  const newer = [];
  recordings.add(newer);
  try {
    const read = await answer;
    recordings.delete(newer);
    if (!isStillHere()) return;
    apply(read);
    for (const [name, data] of newer) applyEvent(name, data);
  } finally {
    recordings.delete(newer);
  }
}

function applyEvent(name, data) {
  for (const recording of recordings) recording.push([name, data]);
  switch (name) {
    case "message":
      meet(data.channel_id);
      store.noteUnread(data);
      store.putMessage(data);
      break;
    case "message_delete":
      store.dropMessage(data.id);
      break;
    case "channel":
      // A direct conversation belongs to no server, and is there in each.
      if (data.guild_id === state.guild || data.guild_id === null) store.putChannel(data);
      break;
    case "typing":
      byId("typing").dispatchEvent(new CustomEvent("typing", { detail: data }));
      break;
    case "bot":
      noteBot(data);
      break;
    case "caption":
      store.setCaptions(data);
      break;
    default: // an interaction's answer reaches the one who asked as the answer of that call
  }
}

// Channels that messages came from and that are in no list: of another server, or a new direct
// conversation. Each is asked about once.
const met = new Set();

function meet(channelId) {
  if (state.channels.has(channelId) || met.has(channelId)) return;
  met.add(channelId);
  const { me, guild } = state;
  api
    .getChannels(me, guild)
    .then(({ channels }) => me === state.me && guild === state.guild && store.setChannels(channels))
    .catch(reportLoss);
}

/** A bot that (re)connects may bring other commands. */
function noteBot(bot) {
  store.setBot(bot);
  const { channel } = state;
  if (channel === null) return;
  api
    .getCommands(state.me, channel)
    .then(({ commands }) => channel === state.channel && store.setCommands(commands))
    .catch(reportLoss);
}

/** The address names the place, so that a reload or a second window opens the same one. */
function rememberPlace() {
  const { me, guild, channel } = state;
  const place = Object.entries({ as: me, guild, channel }).filter(([, id]) => id !== null);
  history.replaceState(null, "", `#${new URLSearchParams(place)}`);
}

export function reportLoss(error) {
  showConnection(error.message);
}

function showConnection(sentence) {
  const banner = byId("connection");
  banner.textContent = sentence;
  banner.hidden = sentence === "";
}
