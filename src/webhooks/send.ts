/** Posts messages to an endpoint as it is now: its URL, if it may be posted to, and its secrets. */
import type { Settings } from "../config/settings.ts";
import type { EndpointRow } from "./endpoints.ts";
import { MAX_IN_FLIGHT } from "./in-flight.ts";
import type { WebhookMessage } from "./message.ts";
import { postMessage, refusedPost, type WebhookPost } from "./post.ts";
import { sampleMessages } from "./samples.ts";
import type { EndpointState } from "./state.ts";
import { checkTarget, ownOrigins } from "./target.ts";

/** A message, and what was answered. */
export interface SentMessage {
  readonly message: WebhookMessage;
  readonly result: WebhookPost;
}

export async function sendMessage(
  message: WebhookMessage,
  row: EndpointRow,
  settings: Settings,
  state: EndpointState,
): Promise<WebhookPost> {
  const target = checkTarget(row.url, settings.development, ownOrigins(settings));
  if (!target.ok) return refusedPost(`its URL ${target.reason}`);
  return await postMessage(message, { url: target.value, secrets: state.secrets(Date.now()) });
}

/**
 * Posts samples, a few at a time.
 * @param types names of `WEBHOOK_TYPES`
 * @param isEnded whether the endpoint was deleted meanwhile: then no more are posted
 */
export async function sendSamples(
  types: readonly string[],
  row: EndpointRow,
  settings: Settings,
  state: EndpointState,
  isEnded: () => boolean,
): Promise<readonly SentMessage[]> {
  const sent: SentMessage[] = [];
  const messages = sampleMessages(types, row.batch > 1, settings.tokenKeys);
  for (let from = 0; from < messages.length && !isEnded(); from += MAX_IN_FLIGHT) {
    const posts = messages.slice(from, from + MAX_IN_FLIGHT).map(async (message) => {
      return { message, result: await sendMessage(message, row, settings, state) };
    });
    sent.push(...(await Promise.all(posts)));
  }
  return sent;
}
