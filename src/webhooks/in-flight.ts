/** The posts of an endpoint that have not been answered yet: four at most, whoever makes them. */

/** A Worker opens six connections at a time; D1 is one of them. */
export const MAX_IN_FLIGHT = 4;

export class PostsInFlight {
  #count = 0;
  readonly #waiting: (() => void)[] = [];
  /** Deliveries of the retry queue that are among them. */
  readonly deliveries = new Set<number>();

  /** How many more can be made. */
  get free(): number {
    return MAX_IN_FLIGHT - this.#count;
  }

  /** Makes a post, once there is room for it. Resolves when it is made, to its result. */
  async make<T>(post: () => Promise<T>): Promise<{ readonly result: Promise<T> }> {
    while (this.free <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#count++;
    const result = post().finally(() => {
      this.#count--;
      this.#waiting.shift()?.();
    });
    return { result };
  }
}
