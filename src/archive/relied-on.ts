/** How long what was recalled stays in D1. */
import { DAY_MS } from "../platform/durations.ts";

/** So long after somebody relied on it what was recalled stays in D1, at least: they may be about to write. */
export const RELIED_ON_MS = 600_000;

/** So long after the first of its events or messages was recalled a segment or a message file is rewritten. */
export const REWRITE_AFTER_MS = DAY_MS;
