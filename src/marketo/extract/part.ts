/** A part of a file while it fills. R2 takes parts of one size, at least 5 MiB, but for the last. */

/** With at most 10,000 parts a file may have 48 GB: more than a D1 database. */
export const PART_BYTES = 5 * 1024 * 1024;

const encoder = new TextEncoder();

export class Part {
  readonly #buffer = new Uint8Array(PART_BYTES);
  #used = 0;

  /** What is in it. Good until something is added. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }

  /**
   * Adds the bytes of a text in UTF-8 from the byte `from` on, as many as there is room for. The byte to go on with in the next part;
   * undefined when all are in.
   */
  add(text: string, from = 0): number | undefined {
    if (from === 0) {
      const { read, written } = encoder.encodeInto(text, this.#buffer.subarray(this.#used));
      if (read === text.length) {
        this.#used += written;
        return undefined;
      }
    }
    // encodeInto keeps characters whole, and parts have to be full.
    const bytes = encoder.encode(text).subarray(from);
    const fitting = bytes.subarray(0, PART_BYTES - this.#used);
    this.#buffer.set(fitting, this.#used);
    this.#used += fitting.length;
    return fitting.length === bytes.length ? undefined : from + fitting.length;
  }

  empty(): void {
    this.#used = 0;
  }
}
