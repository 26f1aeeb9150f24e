/**
 * What a sender says about a template and about one recipient, checked. Guarantees that a mistake throws a
 * `DecorateError` that names its field before a single mail is made, also where no compiler checks types.
 */
import type { Message } from "../tokens/claims.ts";
import { parseId } from "../tokens/id.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { newSend } from "./random.ts";

/** The parts of one email; a string is its HTML. */
export type EmailSource = string | { readonly html?: string; readonly text?: string };

export interface DecorateOptions {
  /** What `parseTokenKeys` makes of `TOKEN_KEYS`; the first key seals. */
  readonly keys: TokenKeys;
  /** Where the Worker answers: scheme, host and perhaps port, in lower case, no slash at the end. */
  readonly origin: string;
  /** Texts that become the unsubscribe link besides `{{unsubscribe}}`, exactly as they stand in the email: `*|UNSUB|*`. */
  readonly unsubscribePlaceholders?: readonly string[];
  /** Puts a link into the HTML that no person sees: whoever follows it is a machine. Not when left out. */
  readonly honeypotLink?: boolean;
}

/** Whether links and pixel name the person (full), a stand-in (anonymous, see `standIn`), or stay undecorated (none). */
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

/** A sender's mistake. `field` is the part of the email, the option or the recipient's field that is wrong. */
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

/** Whether `text` is an origin to which links may lead. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** @throws {DecorateError} naming `keys`, `origin`, `unsubscribePlaceholders` or `honeypotLink` */
export function checkOptions({
  keys,
  origin,
  unsubscribePlaceholders = [],
  honeypotLink = false,
}: DecorateOptions): void {
  // Most likely a setting's text, or the result of `parseTokenKeys` unopened.
  if (typeof keys?.all?.[0]?.mac !== "function")
    throw new DecorateError("keys", "are none: give the value that parseTokenKeys returns");
  if (!isOrigin(origin))
    throw new DecorateError(
      "origin",
      'is no origin such as "https://t.example.com": lower case, no slash at its end',
    );
  for (const placeholder of unsubscribePlaceholders) {
    if (typeof placeholder !== "string" || placeholder.trim() === "")
      throw new DecorateError("unsubscribePlaceholders", "holds an empty one");
  }
  if (typeof honeypotLink !== "boolean") throw new DecorateError("honeypotLink", "is neither true nor false");
}

/** @throws {DecorateError} naming `html` or `text` */
export function checkParts(source: EmailSource): { readonly html?: string; readonly text?: string } {
  const parts = typeof source === "string" ? { html: source } : source;
  // A file's bytes would be an object like any other, without parts.
  if (typeof parts !== "object" || parts === null || ArrayBuffer.isView(parts))
    throw new DecorateError("html", "is no string");
  for (const part of ["html", "text"] as const) {
    if (parts[part] !== undefined && typeof parts[part] !== "string")
      throw new DecorateError(part, "is no string");
  }
  return parts;
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
