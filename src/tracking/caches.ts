/** What one isolate remembers of the tokens it has seen, in bounded memory. */
import QuickLRU from "quick-lru";

export interface TrackingCaches {
  /** Open tokens whose message has an Opened → from when on a person's open of it is recorded again, ms since 1970 UTC. */
  readonly recordableFromMs: QuickLRU<string, number>;
  /** Tokens requested by HEAD, with the client's address → when, ms since 1970 UTC. */
  readonly headRequestsMs: QuickLRU<string, number>;
}

/** About 150 bytes each, and up to twice as many are kept: at most some 6 MB of an isolate's 128. */
const MAX_OPENS = 20_000;
/** Most are looked up again within a second, or never. */
const MAX_HEAD_REQUESTS = 1_000;

const caches = new WeakMap<Env, TrackingCaches>();

export function cachesOf(env: Env): TrackingCaches {
  const known = caches.get(env);
  if (known !== undefined) return known;
  const made = {
    recordableFromMs: new QuickLRU<string, number>({ maxSize: MAX_OPENS }),
    headRequestsMs: new QuickLRU<string, number>({ maxSize: MAX_HEAD_REQUESTS }),
  };
  caches.set(env, made);
  return made;
}
