// A script that tells what it does, caption by caption: the page goes where each is to be seen, and
// on to the next after the time that reading takes, or when the viewer says so.

import { nextCaption } from "/page/js/api.js";
import { byId, el } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { lookAs, reportLoss } from "/page/js/session.js";
import { on, state } from "/page/js/store.js";

// About 15 letters a second, after a moment to find the place.
const SETTLING_MS = 1800;
const READING_MS_PER_LETTER = 65;

let isPlaying = false;
let isAsked = false; // the viewer, or the clock, wants the next one as soon as it is there
let shownHere = 0; // the caption that this window stands at
let isClosed = false;
let timer = 0;

const title = el("p", { class: "tour-title" });
const who = el("strong", { class: "tour-who" });
const says = el("span", { class: "tour-says" });
const words = el(
  "p",
  { class: "tour-words", "aria-live": "polite", tabIndex: 0, testid: "caption" },
  who,
  says,
);
const working = el("small", { class: "tour-working", "aria-hidden": "true" }, "One moment…");
const button = (testid, listener, ...children) =>
  el(
    "button",
    { class: "bar-button", type: "button", testid, on: { click: listener } },
    ...children,
  );
const start = el(
  "button",
  {
    class: "button button-primary",
    type: "button",
    testid: "watch-tour",
    on: { click: () => play(true) },
  },
  "Watch the tour",
);
const pause = button("pause-tour", () => play(!isPlaying));
const next = button("next-caption", goOn, icon("next"), "Next");
const close = button("close-tour", () => {
  isClosed = true;
  show();
});
close.append(icon("close"), "Close");

function play(wanted) {
  isPlaying = wanted;
  clearTimeout(timer);
  if (isPlaying) goOn();
  else isAsked = false;
  show();
}

function goOn() {
  clearTimeout(timer);
  isAsked = true;
  const { shown, last } = state.captions;
  show();
  if (shown === last) return; // it comes with the event
  isAsked = false;
  nextCaption(shown).catch(reportLoss);
}

function arrive({ shown, caption }) {
  shownHere = shown;
  clearTimeout(timer);
  if (caption.as) lookAs(caption.as, caption.guild, caption.channel).catch(reportLoss);
  if (!isPlaying || caption.end) return;
  const letters = caption.says.length + (caption.who?.length ?? 0);
  timer = setTimeout(goOn, SETTLING_MS + letters * READING_MS_PER_LETTER);
}

function show() {
  const { shown, last, caption } = state.captions;
  const isOver = caption?.end === true;
  byId("tour").hidden = last === 0 || isClosed;
  start.hidden = shown > 0;
  pause.hidden = next.hidden = shown === 0 || isOver;
  close.hidden = !isOver;
  working.hidden = !isAsked;
  title.textContent = caption?.title ?? "Somebody shows what the bot does";
  who.textContent = caption?.who ?? "";
  says.textContent = caption?.says ?? "You look on as the people who do it.";
  pause.replaceChildren(icon(isPlaying ? "pause" : "play"), isPlaying ? "Pause" : "Play");
}

function follow() {
  const { captions } = state;
  if (captions.shown < shownHere) shownHere = 0; // a playground that was started anew
  if (captions.shown > shownHere) arrive(captions);
  show();
  if (isAsked && captions.last > captions.shown) goOn();
}

export function startTour() {
  byId("tour").append(
    el("div", { class: "tour-text" }, title, words, working),
    el("div", { class: "tour-buttons" }, start, pause, next, close),
  );
  on("captions", follow);
}
