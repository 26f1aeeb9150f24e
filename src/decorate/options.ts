/**
 * The options of a template and the fields of a recipient, checked. Guarantees that a mistake throws a
 * `DecorateError` that names its field, also for callers whose types nobody checks.
 */
import type { Message } from "../tokens/claims.ts";
import { parseId } from "../tokens/id.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { UTM_NAMES, type Utm } from "./query.ts";
import { newSend } from "./random.ts";

/** The parts of one email, either or both; a string is HTML. */
export type EmailSource = string | { readonly html?: string; readonly text?: string };

/** How to decorate. All recipients of a template share it. */
export interface DecorateOptions {
  /** The value that `parseTokenKeys` returns for `TOKEN_KEYS`; the first key signs. */
  readonly keys: TokenKeys;
  /**
   * Where the Worker answers, `https://t.example.com`: scheme, host and optional port, in lower case, without a slash
   * at the end.
   */
  readonly origin: string;
  /**
   * Texts that become the unsubscribe link besides `{{unsubscribe}}`, exactly as in the email: `*|UNSUB|*`. Default:
   * none
   */
  readonly unsubscribePlaceholders?: readonly string[];
  /** Adds a link to the HTML that no person sees, so that what follows it is a bot. Default: false */
  readonly honeypotLink?: boolean;
  /**
   * Where the pixel is: at the end of the body, or right behind its beginning, which Gmail shows also of an email that
   * it clips. Default: "end"
   */
  readonly pixel?: PixelPosition;
  /**
   * "none" leaves out the headers that offer to unsubscribe, for mail that nobody subscribes to: a receipt, a password.
   * An unsubscribe placeholder in the email is then a mistake. Default: "list"
   */
  readonly unsubscribe?: UnsubscribeOffer;
  /** Parameters for the destinations of decorated links that do not have them yet. Default: none */
  readonly utm?: Utm;
  /**
   * Names of parameters whose values differ from person to person: links that differ by them only have one id, and are
   * one row of the report. Default: none
   */
  readonly personalParameters?: readonly string[];
  /**
   * Whether each `{{name}}` of the email is filled with the recipient's value, as text, whatever the value is: escaped
   * in HTML, percent-encoded in addresses. Then nothing else may be in double braces. With false they stay for a
   * later step. Default: they stay, and a warning names them
   */
  readonly variables?: boolean;
}

/** By name, what a recipient's copy says for `{{name}}`. */
export type Variables = Readonly<Record<string, string | number>>;

/** Whether a copy offers to unsubscribe from a list, or is none of a list's. */
export type UnsubscribeOffer = "list" | "none";

/** Where in the body of the HTML the pixel is. */
export type PixelPosition = "top" | "end";

/**
 * Whom links and pixel name: the person (`full`), a pseudonym of the message (`anonymous`), or nobody, left
 * undecorated (`none`). The unsubscribe link and the headers always name the person.
 */
export type Tracking = "full" | "anonymous" | "none";

/**
 * Whom one copy is for. An id is an integer, or 1 to 64 characters of `A-Z a-z 0-9 . _ : -`; `7` and `"7"` are the
 * same id.
 */
export interface Recipient {
  /** The email: one design, mailed to many. */
  readonly email: string | number;
  /** Who gets the copy. */
  readonly person: string | number;
  /** The run of sends that this copy belongs to. */
  readonly campaign: string | number;
  /** This sending. Default: 16 random lowercase hexadecimal digits */
  readonly send?: string | number;
  /** Default: "full" */
  readonly tracking?: Tracking;
  /** Whether this copy's unsubscribe link cannot subscribe again: for somebody who has unsubscribed. Default: false */
  readonly unsubscribeOnly?: boolean;
  /** Each variable of the template must be among them; others are ignored. */
  readonly variables?: Variables;
}

/** Thrown for a caller's mistake, before anything is decorated. `message` is `field` and what is wrong with it. */
export class DecorateError extends Error {
  override readonly name = "DecorateError";
  /** The part of the email, the option or the recipient's field that is wrong: `origin`, `person`. */
  readonly field: string;

  constructor(field: string, complaint: string) {
    super(`${field} ${complaint}`);
    this.field = field;
  }
}

// Narrower than the URL standard, whose hosts may contain quotes and ampersands: an origin is written into HTML as it
// is.
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::[0-9]+)?$|^https?:\/\/\[[0-9a-f:.]+\](?::[0-9]+)?$/;

/** Whether `text` is an origin for decorated links. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** @throws {DecorateError} naming the option that is wrong: `keys`, `origin`, `utm.source` … */
export function checkOptions({
  keys,
  origin,
  unsubscribePlaceholders = [],
  honeypotLink = false,
  pixel = "end",
  unsubscribe = "list",
  utm = {},
  personalParameters = [],
  variables = false,
}: DecorateOptions): void {
  // Most likely the text of TOKEN_KEYS, or the result of `parseTokenKeys` instead of its value.
  if (typeof keys?.all?.[0]?.mac !== "function")
    throw new DecorateError("keys", "are not token keys: give the value that parseTokenKeys returns");
  if (!isOrigin(origin))
    throw new DecorateError(
      "origin",
      'is not an origin such as "https://t.example.com": lower case, no slash at its end',
    );
  for (const placeholder of unsubscribePlaceholders) {
    if (typeof placeholder !== "string" || placeholder.trim() === "")
      throw new DecorateError("unsubscribePlaceholders", "contains an empty one");
  }
  if (typeof honeypotLink !== "boolean") throw new DecorateError("honeypotLink", "is neither true nor false");
  if (pixel !== "top" && pixel !== "end") throw new DecorateError("pixel", 'is neither "top" nor "end"');
  if (unsubscribe !== "list" && unsubscribe !== "none")
    throw new DecorateError("unsubscribe", 'is neither "list" nor "none"');
  if (typeof variables !== "boolean") throw new DecorateError("variables", "is neither true nor false");
  checkUtm(utm);
  for (const name of personalParameters) {
    if (typeof name !== "string" || name === "") throw new DecorateError("personalParameters", "contains an empty one");
  }
}

function checkUtm(utm: Utm): void {
  for (const [name, value] of Object.entries(utm)) {
    if (!UTM_NAMES.some((known) => known === name))
      throw new DecorateError(`utm.${name}`, `is none of ${UTM_NAMES.join(", ")}`);
    if (value !== undefined && (typeof value !== "string" || !value.isWellFormed()))
      throw new DecorateError(`utm.${name}`, "is not a text");
  }
}

/** @throws {DecorateError} naming `html` or `text` */
export function checkParts(source: EmailSource): { readonly html?: string; readonly text?: string } {
  const parts = typeof source === "string" ? { html: source } : source;
  // The bytes of a file are an object, too.
  if (typeof parts !== "object" || parts === null || ArrayBuffer.isView(parts))
    throw new DecorateError("html", "is not a string");
  for (const part of ["html", "text"] as const) {
    if (parts[part] !== undefined && typeof parts[part] !== "string") throw new DecorateError(part, "is not a string");
  }
  return parts;
}

/** A recipient with canonical ids. */
export interface CheckedRecipient {
  readonly message: Message;
  readonly send: string;
  readonly tracking: Tracking;
  readonly unsubscribeUse: "unsubscribe" | "optout";
  readonly variables: Variables;
}

/** @throws {DecorateError} naming `email`, `person`, `campaign`, `send` or `tracking` */
export function checkRecipient(recipient: Recipient): CheckedRecipient {
  const { tracking = "full", send, unsubscribeOnly = false, variables = {} } = recipient;
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
    unsubscribeUse: unsubscribeOnly ? "optout" : "unsubscribe",
    variables,
  };
}

function checkId(field: string, value: unknown): string {
  const id = parseId(value);
  if (id === undefined)
    throw new DecorateError(field, "is not an id: an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : -");
  return id;
}
