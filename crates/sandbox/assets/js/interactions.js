// Sending interactions and showing what became of them.

import { toast } from "./dom.js";
import { openModal } from "./modal.js";
import { store } from "./store.js";

/**
 * Sends an interaction and resolves when the bot has acknowledged it. The answer is
 * { id, state, modal?, choices?, message? }. Messages arrive by the event stream, so only modals and failures
 * need work here.
 */
export async function interact(body) {
  const answer = await store.api.interact(body);
  if (answer.state === "modal") {
    openModal(answer.id, answer.modal);
  } else if (answer.state === "failed") {
    toast("The bot did not answer within 3 seconds.");
  }
  return answer;
}
