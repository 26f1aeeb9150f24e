/** Where a mail carries its message token. */
import { MESSAGE_HEADER } from "../decorate/headers.ts";

/** In lower case, as headers are compared. */
export const TOKEN_HEADER = MESSAGE_HEADER.toLowerCase();

/**
 * The part between the last "+" and the "@" of an address (VERP): "bounces+<token>@mail.example.com". `verifyToken`
 * takes it as servers return it, in any case.
 */
export function verpToken(address: string | undefined): string | undefined {
  return /\+([^+@<>\s]+)@/.exec(address ?? "")?.[1];
}
