/** Addresses as the log compares them. */

/** Addresses are compared trimmed and in lower case: no mail server in use tells "Marie@" from "marie@". */
export function normalAddress(address: string): string {
  return address.trim().toLowerCase();
}
