/** A part of an R2 multipart upload while it fills. All parts but the last must have one size, at least 5 MiB. */

/** R2 takes at most 10,000 parts: 48 GB, more than a D1 database holds. */
export const PART_BYTES = 5 * 1024 * 1024;

const encoder = new TextEncoder();

export class UploadPart {
  readonly #buffer = new Uint8Array(PART_BYTES);
  #used = 0;

  /** The part's bytes; valid until the next `add`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }

  /**
   * Adds the UTF-8 bytes of a text, from the byte `from` on, as many as there is room for.
   * @returns the byte that the next part begins with; undefined when all bytes were added
   */
  add(text: string, from = 0): number | undefined {
    if (from === 0) {
      const { read, written } = encoder.encodeInto(text, this.#buffer.subarray(this.#used));
      if (read === text.length) {
        this.#used += written;
        return undefined;
      }
    }
    // `encodeInto` never splits a character, but parts have to be full.
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
