/** A server's words for what it grants a sender, in small letters. They speak against "invalid recipient", too. */

/** It takes mail of a sender whom it does not know at a second attempt (RFC 6647). */
export const GREYLISTS = ["gr[ae]y-?list"];

/** It takes less mail in a time. */
export const LIMITS_RATE = ["\\bthrottl|\\brate.?limit"];
