// What the bot's first answer to a command, a click or a modal does to the page.

import { offerModal, putMessage, state } from "/page/js/store.js";

/**
 * Applies an Interaction.
 *
 * @throws {Error} with the sentence to show where the person acted, when the bot did not answer.
 */
export function settle(interaction) {
  if (interaction.error) throw new Error(interaction.error);
  // The events may have brought a later version of the message already: that one is the truth.
  const { message, modal } = interaction;
  if (message && !state.messages.has(message.id)) putMessage(message);
  if (modal) offerModal(modal);
}
