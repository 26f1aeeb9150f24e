/**
 * What this isolate remembers of the last things it saw. Bounded: when a generation is full the one before it is forgotten.
 */
export class Remembered<Value> {
  readonly #size: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** Remembers at least the last `size` things, at most twice as many. */
  constructor(size: number) {
    this.#size = size;
  }

  get isEmpty(): boolean {
    return this.#young.size === 0;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
