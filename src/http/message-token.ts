/** The query parameter `token`, which names a message by whatever has one of its tokens in it. */
import * as v from "valibot";
import type { Message } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { messageInText } from "../tokens/message-in-text.ts";
import { ApiError } from "./errors.ts";
import { referredMessage } from "./message-reference.ts";

/** The length of a link whose address has 16,384 characters, rewritten by a scanner. */
const MAX_TEXT_CHARS = 32_768;

export const TokenParameter = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(MAX_TEXT_CHARS),
    v.description(
      "Names one message: its message token, the `message` of an entry, the line X-Waxseal-Message of an email, or " +
        "the address of a tracked link, a pixel or an unsubscribe page. Not together with what else names messages.",
    ),
  ),
);

interface NamesMessages extends Partial<Readonly<Record<keyof Message | "address", string | undefined>>> {
  readonly token?: string | undefined;
}

/**
 * The query with the ids of the message of its token.
 * @throws {ApiError} 400 where there is no genuine token in it, or something else names messages, too
 */
export function namedByIds<Query extends NamesMessages>(keys: TokenKeys, { token, ...query }: Query) {
  if (token === undefined) return query;
  const beside = (["address", "person", "email", "campaign"] as const).find((name) => query[name] !== undefined);
  if (beside !== undefined) throw refusal(beside, "the token names the message already; leave one of them out");
  const message = messageInText(keys, token) ?? referredMessage(keys, token);
  if (message !== undefined) return { ...query, ...message };
  throw refusal("token", "there is no genuine token of this Worker in it");
}

function refusal(field: string, what: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_field", message: `${field}: ${what}.`, field });
}
