/** Chance that is the same each time: a stream of numbers that belongs to a seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to 1 (mulberry32, public domain). */
  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  is(probability: number): boolean {
    return this.number() < probability;
  }

  between(least: number, most: number): number {
    return least + this.number() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** Log-normal: half of all are below `median`, two thirds between `median / spread` and `median * spread`. */
  around(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.number())) * Math.cos(2 * Math.PI * this.number());
    return median * spread ** normal;
  }

  /** One of them, by their weights. */
  oneOf<T>(weighed: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.number() * weighed.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of weighed) {
      left -= weight;
      if (left < 0) return value;
    }
    throw new Error("nothing to choose from");
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.number() }))
      .sort((one, other) => one.at - other.at)
      .map(({ value }) => value);
  }
}
