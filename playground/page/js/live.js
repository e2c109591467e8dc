// Server-sent events, with a reconnect of our own: the browser's built-in one gives up on some
// failures and never tells when it is back.

import { eventsUrl } from "/page/js/api.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8000;
const EVENTS = ["message", "message_delete", "channel", "interaction", "typing", "bot", "caption"];

/**
 * Listens as one person until the returned function is called.
 *
 * @param {string} as the person's id.
 * @param {{event: (name: string, data: object) => void, open: () => void,
 *   lost: (seconds: number) => void}} handlers `open` comes at the first connection and after
 *   every loss: what happened in between must be read again.
 */
export function listen(as, handlers) {
  let source = null;
  let timer = 0;
  let delay = FIRST_DELAY_MS;

  const connect = () => {
    source = new EventSource(eventsUrl(as));
    source.onopen = () => {
      delay = FIRST_DELAY_MS;
      handlers.open();
    };
    source.onerror = () => {
      source.close();
      handlers.lost(delay / 1000);
      timer = setTimeout(connect, delay * (0.8 + Math.random() * 0.4));
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    };
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => handlers.event(name, JSON.parse(event.data)));
    }
  };

  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
