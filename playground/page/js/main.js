// The page's beginning: each part takes its place, then the first person arrives.

import { startChannels } from "/page/js/channels.js";
import { startComposer } from "/page/js/composer.js";
import { byId } from "/page/js/dom.js";
import { icon } from "/page/js/icons.js";
import { startLog, toggleLog } from "/page/js/log.js";
import { startMessages } from "/page/js/messages.js";
import { startModals } from "/page/js/modal.js";
import { startPeople } from "/page/js/people.js";
import { reportLoss, start } from "/page/js/session.js";
import { on, state } from "/page/js/store.js";
import { startTour } from "/page/js/tour.js";
import { startCounting } from "/page/js/timestamps.js";

/**
 * On narrow windows the sidebar is a drawer over the conversation, and the log lies over it as a
 * whole: what is covered cannot be reached by the keyboard then.
 */
function startDrawer() {
  const isNarrow = matchMedia("(max-width: 820px)");
  const cover = () => {
    const isOpen = byId("sidebar").classList.contains("sidebar-open");
    byId("conversation").inert = isNarrow.matches && (isOpen || !byId("log").hidden);
    byId("skip").inert = byId("conversation").inert;
    byId("log").inert = isNarrow.matches && isOpen;
  };
  const show = (isOpen) => {
    const hadFocus = byId("sidebar").contains(document.activeElement);
    byId("sidebar").classList.toggle("sidebar-open", isOpen);
    byId("scrim").hidden = !isOpen;
    byId("open-sidebar").setAttribute("aria-expanded", String(isOpen));
    cover();
    if (isOpen) byId("close-sidebar").focus();
    // What is out of sight cannot keep the focus.
    else if (isNarrow.matches && hadFocus) byId("open-sidebar").focus();
  };
  isNarrow.addEventListener("change", cover);
  byId("log").addEventListener("toggle", cover);
  byId("open-sidebar").append(icon("menu"));
  byId("close-sidebar").append(icon("close"));
  byId("open-sidebar").addEventListener("click", () => show(true));
  byId("close-sidebar").addEventListener("click", () => show(false));
  byId("scrim").addEventListener("click", () => show(false));
  byId("sidebar").addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  on("opened", () => show(false));
}

function startThemeButton() {
  const button = byId("toggle-theme");
  const show = () => {
    const isLight = globalThis.theme.shown() === "light";
    button.replaceChildren(icon(isLight ? "moon" : "sun"));
    button.setAttribute("aria-label", isLight ? "Switch to dark" : "Switch to light");
  };
  button.addEventListener("click", () => {
    globalThis.theme.toggle();
    show();
  });
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", show);
  show();
}

function startTyping() {
  const note = byId("typing");
  let timer = 0;
  note.addEventListener("typing", ({ detail }) => {
    if (detail.channel_id !== state.channel) return;
    note.textContent = `${detail.person.name} is typing…`;
    clearTimeout(timer);
    timer = setTimeout(() => note.replaceChildren(), 8000);
  });
  on("opened", () => note.replaceChildren());
}

startPeople();
startChannels();
startMessages();
startComposer();
startModals();
startLog();
startDrawer();
startThemeButton();
startTyping();
startTour();
startCounting();
byId("toggle-log").append(icon("wire"), "Wire");
byId("toggle-log").title = "What the bot sent and received";
byId("toggle-log").addEventListener("click", toggleLog);
start().catch(reportLoss);
