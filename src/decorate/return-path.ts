/** The envelope sender of a copy (VERP): by it, a bounce that says nothing of its original still finds its send. */
import { addressForm } from "../tokens/address-form.ts";

/** A local part has at most 64 characters (RFC 5321 §4.5.3.1.1). */
const MAX_LOCAL_PART = 64;

/** An address that a token can be put into: without a "+" of its own. */
export const PLAIN_ADDRESS = /^[^\s@+]+@[^\s@]+$/;

/**
 * The envelope sender of a copy: `bounces+<token>@mail.example.com`. Servers may change its case.
 * @param bounceAddress where bounces come back to: `bounces@mail.example.com`
 * @param messageToken the copy's `message`
 * @returns undefined when the ids are too long for a local part of 64 characters
 * @example
 * const from = returnPath("bounces@mail.example.com", copy.message) ?? "bounces@mail.example.com";
 */
export function returnPath(bounceAddress: string, messageToken: string): string | undefined {
  const at = bounceAddress.lastIndexOf("@");
  const localPart = `${bounceAddress.slice(0, at)}+${addressForm(messageToken)}`;
  return localPart.length > MAX_LOCAL_PART ? undefined : `${localPart}${bounceAddress.slice(at)}`;
}
