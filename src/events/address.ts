/** Addresses in the form in which the log compares them. */

/** The address trimmed and in lower case: no mail server in use distinguishes "Marie@" and "marie@". */
export function normalAddress(address: string): string {
  return address.trim().toLowerCase();
}
