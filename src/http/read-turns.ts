/**
 * Turns to read, in the order of arrival: the first ones read, some more wait, others are refused. Guarantees that a
 * holder that dies gives its turn up: a turn is held by asking for it again and again, before it expires.
 */

export interface ReadLimit {
  /** Reads that run at once. */
  readonly running: number;
  /** Further reads that wait for their turn. */
  readonly waiting: number;
}

export type ReadTurn = "reads" | "waits" | "refused";

interface Turn {
  readonly id: string;
  askedAtMs: number;
  isReading: boolean;
}

/** Several times as long as the pauses between two asks, of one that waits and of one that reads. */
const WAITING_LIFE_MS = 3_000;
const READING_LIFE_MS = 12_000;

export class ReadTurns {
  readonly #limit: ReadLimit;
  /** In the order of arrival. */
  #turns: Turn[] = [];

  constructor(limit: ReadLimit) {
    this.#limit = limit;
  }

  /** Asks for a turn, or holds the one that this id has. */
  hold(id: string, nowMs: number): ReadTurn {
    const { running, waiting } = this.#limit;
    this.#turns = this.#turns.filter((turn) => turn.id === id || isHeld(turn, nowMs));
    const held = this.#turns.find((turn) => turn.id === id);
    if (held === undefined && this.#turns.length >= running + waiting) return "refused";
    const turn = held ?? { id, askedAtMs: nowMs, isReading: false };
    if (held === undefined) this.#turns.push(turn);
    turn.askedAtMs = nowMs;
    turn.isReading = this.#turns.indexOf(turn) < running;
    return turn.isReading ? "reads" : "waits";
  }

  /** Whether somebody waits for a turn. */
  get isAwaited(): boolean {
    return this.#turns.length > this.#limit.running;
  }

  release(id: string): void {
    this.#turns = this.#turns.filter((turn) => turn.id !== id);
  }
}

function isHeld({ askedAtMs, isReading }: Turn, nowMs: number): boolean {
  return nowMs - askedAtMs < (isReading ? READING_LIFE_MS : WAITING_LIFE_MS);
}
