// Building the page from nodes. Nothing in this project assigns HTML text: what people and bots
// write always arrives as a text node or as an attribute's value.

/**
 * Makes an element.
 *
 * @param {string} tag
 * @param {object} [props] `on` maps events to listeners, `data` goes to dataset, `testid` to
 *   data-testid; a property that the element has is set, anything else becomes an attribute;
 *   `undefined`, `null` and `false` are left out.
 * @param {...(Node|string|null|undefined|false)} children strings become text nodes.
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (name === "testid") {
      node.dataset.testid = value;
    } else if (name in node && typeof node[name] !== "object") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

/** The element of index.html with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Unique ids for label/control pairs. */
let serial = 0;
export function freshId(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

/**
 * Replaces the children of `slot` only when `key` changed, so a playing video or an open menu
 * survives an edit of another part of its message. Focus stays on the control with the same hook.
 */
export function fill(slot, key, build) {
  if (slot.dataset.key === key) return;
  const focused = slot.contains(document.activeElement)
    ? document.activeElement.dataset.testid
    : undefined;
  slot.dataset.key = key;
  slot.replaceChildren(...[build()].flat().filter(Boolean));
  if (focused) slot.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

/**
 * Lets a control rest while `act` runs. A control that is disabled loses the focus: it gets it back,
 * unless it went elsewhere meanwhile.
 */
export async function resting(control, act) {
  const hadFocus = control.contains(document.activeElement);
  control.disabled = true;
  control.setAttribute("aria-busy", "true");
  try {
    await act();
  } finally {
    control.disabled = false;
    control.removeAttribute("aria-busy");
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (hadFocus && isLost) control.focus();
  }
}

/** Says a sentence to screen readers, without moving focus. */
export function announce(sentence) {
  byId("announcer").textContent = sentence;
}
