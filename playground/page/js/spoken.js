// What those are told of a message who do not see it.

import { plain } from "/page/js/markdown.js";
import { state } from "/page/js/store.js";

const LONGEST = 200;
const TEXT_DISPLAY = 10;

function texts(components) {
  return (components ?? []).flatMap((each) => [
    ...(each.type === TEXT_DISPLAY ? [each.content] : []),
    ...texts(each.components),
  ]);
}

function inWords({ loading, content, components, embeds, attachments }) {
  if (loading) return "is thinking";
  const parts = [content, ...texts(components), ...embeds.map(({ title }) => title)];
  const files = attachments.map(({ filename }) => filename);
  const said = parts.filter(Boolean).map(plain);
  return [...said, ...files].join(", ").slice(0, LONGEST);
}

/**
 * The sentence for a message that came or changed; null where there is nothing to tell: of one's
 * own words, and of changes but for answers to what one ran oneself, and those that were awaited.
 *
 * @param {object} message @param {object|undefined} before the message as it was.
 */
export function spoken(message, before) {
  if (message.author.id === state.me) return null;
  const says = inWords(message);
  if (before) {
    const isAwaited = before.loading || message.command?.person.id === state.me;
    if (!isAwaited || says === inWords(before)) return null;
  }
  return `${message.author.name}: ${says}`;
}
