/**
 * The numbers of the byte layout, for signing and verifying. The layout itself is drawn in docs/tokens.md.
 */
import type { TokenUse } from "./claims.ts";
import { MAX_DESTINATION_BYTES } from "./destination.ts";
import { MAX_ID_BYTES } from "./id-form.ts";
import { MAC_BYTES } from "./mac.ts";

/** In the high four bits of a token's first byte; the use is in the low four. */
export const VERSION = 1;

export const USE_NUMBERS: Readonly<Record<TokenUse, number>> = {
  open: 1,
  click: 2,
  unsubscribe: 3,
  message: 4,
  optout: 5,
};

/** Version and use, key id. */
export const HEADER_BYTES = 2;

/** The longest token, in bytes: a click with the longest destination and ids. */
export const MAX_TOKEN_BYTES = HEADER_BYTES + MAX_ID_BYTES + MAX_DESTINATION_BYTES + 3 * MAX_ID_BYTES + 1 + MAC_BYTES;
