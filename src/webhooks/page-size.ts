/** How many posts a queue makes while a page of the log is fresh: so many are read at a time. */

/** Rows of a page at most. */
const MAX_ROWS = 400;
/** Before anything is measured. */
const FIRST_POSTS = 4;
const MAX_GROWTH = 4;
/** A page is posted for so long. */
const PAGE_MS = 2_000;

export class PageSize {
  #posts = FIRST_POSTS;

  /** How many posts of `batch` events to read. */
  posts(batch: number): number {
    return Math.max(1, Math.min(this.#posts, Math.floor(MAX_ROWS / batch)));
  }

  /** @param isWhole whether these were all of a page: more could have been made */
  measure(posts: number, elapsedMs: number, isWhole: boolean): void {
    if (posts === 0) return;
    const possible = elapsedMs <= 0 ? Number.POSITIVE_INFINITY : Math.floor((posts * PAGE_MS) / elapsedMs);
    const measured = Math.max(1, Math.min(possible, posts * MAX_GROWTH, MAX_ROWS));
    // A page at the end of the log is small, and says little.
    this.#posts = isWhole && possible >= this.#posts ? Math.max(measured, this.#posts) : measured;
  }
}
