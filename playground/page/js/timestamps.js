// Moments that count by themselves: every <time data-style="R"> is rewritten each second.

import { el } from "/page/js/dom.js";

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
let formatters = new Map();
let relative = null;

/** Moments are written in this language from now on; undefined is the browser's own. */
export function useLocale(locale) {
  formatters = new Map(
    Object.entries(FORMATS).map(([style, how]) => [style, new Intl.DateTimeFormat(locale, how)]),
  );
  relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
}
useLocale(undefined);

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

function fromNow(unix) {
  const seconds = Math.round(unix - Date.now() / 1000);
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

/**
 * The node for `<t:unix:style>`.
 *
 * @param {number} unix seconds.
 * @param {string} [style] one of t T d D f F R.
 * @returns {HTMLElement|null} null when the moment is beyond what a date can hold.
 */
export function timestamp(unix, style = "f") {
  const date = new Date(unix * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const text = style === "R" ? fromNow(unix) : formatters.get(style).format(date);
  return el(
    "time",
    {
      class: "moment",
      datetime: date.toISOString(),
      title: formatters.get("F").format(date),
      data: { unix: String(unix), style },
      "aria-live": "off",
    },
    text,
  );
}

/** The time of day at which a message was written. */
export function clockTime(iso, props = {}) {
  const date = new Date(iso);
  return el(
    "time",
    { datetime: iso, title: formatters.get("F").format(date), ...props },
    formatters.get("t").format(date),
  );
}

/** The time of day to the second. */
export const secondOfDay = (iso) => formatters.get("T").format(new Date(iso));

export const dayOf = (iso) => formatters.get("D").format(new Date(iso));

export function startCounting() {
  setInterval(() => {
    for (const node of document.querySelectorAll('time[data-style="R"]')) {
      const text = fromNow(Number(node.dataset.unix));
      if (node.textContent !== text) node.textContent = text;
    }
  }, 1000);
}
