/** Files of bulk extracts, as far as other rooms must know of them. */

/** How long a job and its file are kept after its end, or after its creation when it is never queued. */
export const EXTRACT_KEPT_MS = 7 * 86_400_000;
