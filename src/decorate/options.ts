/**
 * What a sender says about a template and about one recipient, checked. Guarantees that a mistake throws a
 * `DecorateError` that names its field before a single mail is made; gives up judging keys, which are made by
 * `parseTokenKeys` only.
 */
import type { Message } from "../token/claims.ts";
import { parseId } from "../token/id.ts";
import type { TokenKeys } from "../token/keys.ts";
import { newSend } from "./random.ts";

export interface DecorateOptions {
  /** The first seals. */
  readonly keys: TokenKeys;
  /** Where the Worker answers: scheme, host and perhaps port, in lower case, no slash at the end. */
  readonly origin: string;
  /** Texts that become the unsubscribe link besides `{{unsubscribe}}`, exactly as they stand in the email: `*|UNSUB|*`. */
  readonly unsubscribePlaceholders?: readonly string[];
}

/** Whether links and pixel name the person (full), a one-off stand-in (anonymous), or stay undecorated (none). */
export type Tracking = "full" | "anonymous" | "none";

/** Whom one copy is for. Ids are integers or 1 to 64 characters out of `A-Za-z0-9._:-`. */
export interface Recipient {
  readonly email: string | number;
  readonly person: string | number;
  readonly campaign: string | number;
  /** Names this sending; 16 random lowercase hexadecimal digits when left out. */
  readonly send?: string | number;
  /** "full" when left out. */
  readonly tracking?: Tracking;
}

/** A sender's mistake. `field` is the option or the recipient's field that is wrong. */
export class DecorateError extends Error {
  override readonly name = "DecorateError";
  readonly field: string;

  constructor(field: string, complaint: string) {
    super(`${field} ${complaint}`);
    this.field = field;
  }
}

// Narrower than the URL standard, which lets quotes and ampersands into a host: an origin is written into HTML as it is.
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::[0-9]+)?$|^https?:\/\/\[[0-9a-f:.]+\](?::[0-9]+)?$/;

/** @throws {DecorateError} naming `origin` or `unsubscribePlaceholders` */
export function checkOptions({ origin, unsubscribePlaceholders = [] }: DecorateOptions): void {
  if (!ORIGIN.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)
    throw new DecorateError("origin", 'is no origin such as "https://t.example.com"');
  for (const placeholder of unsubscribePlaceholders) {
    if (typeof placeholder !== "string" || placeholder.trim() === "")
      throw new DecorateError("unsubscribePlaceholders", "holds an empty one");
  }
}

/** A recipient whose ids are canonical. */
export interface Addressee {
  readonly message: Message;
  readonly send: string;
  readonly tracking: Tracking;
}

/** @throws {DecorateError} naming `email`, `person`, `campaign`, `send` or `tracking` */
export function checkRecipient(recipient: Recipient): Addressee {
  const { tracking = "full", send } = recipient;
  if (tracking !== "full" && tracking !== "anonymous" && tracking !== "none")
    throw new DecorateError("tracking", 'is not "full", "anonymous" or "none"');
  return {
    message: {
      email: checkId("email", recipient.email),
      person: checkId("person", recipient.person),
      campaign: checkId("campaign", recipient.campaign),
    },
    send: send === undefined ? newSend() : checkId("send", send),
    tracking,
  };
}

function checkId(field: string, value: unknown): string {
  const id = parseId(value);
  if (id === undefined)
    throw new DecorateError(field, "is no id: an integer, or 1 to 64 characters out of A-Z a-z 0-9 . _ : -");
  return id;
}
