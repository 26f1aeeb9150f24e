/**
 * What this isolate has seen opened: a repeated open of it costs no call. Bounded: when a generation is full the one before
 * it is forgotten, which costs those messages one call to their gate when they are opened again.
 */
export class Seen {
  readonly #size: number;
  #young = new Set<string>();
  #old = new Set<string>();

  /** Remembers at least the last `size` things, at most twice as many. */
  constructor(size: number) {
    this.#size = size;
  }

  has(key: string): boolean {
    if (this.#young.has(key)) return true;
    if (!this.#old.has(key)) return false;
    this.add(key);
    return true;
  }

  add(key: string): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(key);
  }
}
