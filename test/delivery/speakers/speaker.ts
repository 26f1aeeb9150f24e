/** A provider, as the tests speak for it: with keys made for them, signed by an implementation of their own. */

export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Speaker {
  readonly name: string;
  /** The setting that its webhooks are checked by. */
  readonly setting: Readonly<Record<string, string>>;
  /** That setting of somebody else: right, and with another key. */
  readonly settingOfOther: Readonly<Record<string, string>>;
  /** A webhook that says this body, signed at this time. */
  sign(body: string, atMs: number): SignedWebhook;
  /** The documented body that says that the message was delivered to this address. */
  delivered(token: string, address: string): string;
  /** The documented body of a temporary failure, of this name. */
  softBounced(token: string, address: string, sourceId: string): string;
  /** How old a signature may be, in ms; undefined: there is no time in it. */
  readonly windowMs: number | undefined;
  /** Whether the signature covers what is said. Default: true */
  readonly coversBody?: boolean;
}

export const json = { "Content-Type": "application/json" };
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const AT = "2026-11-24T08:00:01.000Z";
export const AT_SECONDS = Date.parse(AT) / 1000;
