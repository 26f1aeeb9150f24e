/** What one isolate caches of the tokens that it has seen, in bounded memory. */
import QuickLRU from "quick-lru";
import { perEnv } from "../platform/per-env.ts";

export interface TrackingCaches {
  /** By open token of a message that has an Opened: from when on a person's open of it is recorded again. */
  readonly recordableFromMs: QuickLRU<string, number>;
  /** By token and client address: when a HEAD request came. */
  readonly headRequestAtMs: QuickLRU<string, number>;
}

/** About 150 bytes each, and up to twice as many are kept: at most some 6 MB of an isolate's 128. */
const MAX_OPENS = 20_000;
/** Most are read again within a second, or never. */
const MAX_HEAD_REQUESTS = 1_000;

export const cachesOf = perEnv(
  (_env: Env): TrackingCaches => ({
    recordableFromMs: new QuickLRU({ maxSize: MAX_OPENS }),
    headRequestAtMs: new QuickLRU({ maxSize: MAX_HEAD_REQUESTS }),
  }),
);
