/** So long after somebody relied on it what was recalled stays in D1, at least: they may be about to write. */
export const RELIED_ON_MS = 600_000;
