// Who you are, and which bots are about.

import { avatar } from "/page/js/avatar.js";
import { byId, el } from "/page/js/dom.js";
import { become, reportLoss, speak } from "/page/js/session.js";
import { isModerator, me, on, state } from "/page/js/store.js";

function personRow(person) {
  const radio = el("input", {
    type: "radio",
    name: "me",
    class: "visually-hidden",
    value: person.id,
    checked: person.id === state.me,
    on: { change: () => become(person.id).catch(reportLoss) },
  });
  const moderates = isModerator(person, state.guild);
  return el(
    "label",
    { class: "person", testid: `person-${person.id}` },
    radio,
    avatar(person),
    el("span", { class: "person-name" }, person.name),
    moderates && el("span", { class: "badge badge-moderator" }, "Moderator"),
  );
}

function botRow(bot, status) {
  return el(
    "li",
    { class: "bot", testid: `bot-${bot.id}`, data: { connected: String(bot.connected ?? true) } },
    avatar({ ...bot, bot: true }),
    el("span", { class: "person-name" }, bot.name),
    el("span", { class: "badge" }, "Bot"),
    status && el("span", { class: "bot-status" }, status),
  );
}

/** A language in its own words, e.g. 日本語. */
function languageName(locale) {
  return new Intl.DisplayNames([locale], { type: "language" }).of(locale);
}

function showLanguage() {
  const select = byId("locale");
  if (select.childElementCount !== state.locales.length) {
    select.replaceChildren(
      ...state.locales.map((locale) =>
        el("option", { value: locale, lang: locale }, languageName(locale)),
      ),
    );
  }
  select.value = me()?.locale ?? "";
}

function show() {
  showLanguage();
  const people = [...state.people.values()];
  const hadFocus = byId("people").contains(document.activeElement);
  byId("people").replaceChildren(...people.filter((each) => !each.bot).map(personRow));
  if (hadFocus) byId("people").querySelector("input:checked")?.focus();
  const others = people.filter((each) => each.bot && each.id !== state.bot.id);
  const status = state.bot.connected ? "online" : "not connected";
  byId("bots").replaceChildren(
    botRow(state.bot, status),
    ...others.map((each) => botRow(each, "")),
  );
}

export function startPeople() {
  byId("locale").addEventListener("change", ({ target }) => speak(target.value).catch(reportLoss));
  on("people", show);
  on("channels", show);
}
