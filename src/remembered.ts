/**
 * What this isolate remembers of the last things it saw, a time for each. Bounded: when a generation is full the one before it is
 * forgotten.
 */
export class Remembered {
  readonly #size: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  /** Remembers at least the last `size` things, at most twice as many. */
  constructor(size: number) {
    this.#size = size;
  }

  /** ms since 1970 UTC. */
  timeOf(key: string): number | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, timeMs: number): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, timeMs);
  }
}
