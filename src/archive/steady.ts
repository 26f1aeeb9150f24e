/**
 * Reads more of the archive than one page, for what adds up events. Guarantees that the answer is of one state of the
 * archive: each event is in D1 or in a segment, and not in both, from the first page to the last.
 */
import { events } from "../events/schema.ts";
import { isOneOf, rawSql, type Sql, sql } from "../platform/sql.ts";
import type { ArchivedEvent } from "./archived-event.ts";
import { type ArchivedRows, archivedRows, pageBehind } from "./read.ts";
import { archiveEnd, areUnchanged, isSameObject, type LogStores, type Segment } from "./segments.ts";
import { ArchiveChanged, readUntilSteady } from "./until-steady.ts";

/** Some events of the archive. */
export interface ArchivedSlice {
  /** For a statement `withArchived`. */
  readonly archived: ArchivedRows;
  /** Whether a row of `events` in that statement is one of them. */
  readonly isSelected: Sql;
  /** How many they are. */
  readonly size: number;
  /** How many seqs were looked at for them, of which each may have been decoded. */
  readonly read: number;
}

/** The archive in one state. */
export interface SteadyArchive {
  /** The last archived seq; 0 without an archive. */
  readonly floor: number;
  /** All archived events behind `after`; those that `mayPass` refuses may be left out. */
  slicesBehind(after: number, mayPass: (event: ArchivedEvent) => boolean): AsyncGenerator<ArchivedSlice>;
  /** The archived events of the seqs that a query selects as `seq`. */
  slicesOf(listed: Sql): AsyncGenerator<ArchivedSlice>;
}

/** Events of a slice: their rows are some megabytes of text. */
const EVENTS_A_SLICE = 2_000;

/**
 * @param read may be called again, when the archive changes meanwhile
 * @throws the errors of D1 and R2
 */
export async function readSteadily<Answer>(
  stores: LogStores,
  read: (archive: SteadyArchive) => Promise<Answer>,
): Promise<Answer> {
  return await readUntilSteady(stores.DB, async () => {
    const archive = new ArchiveState(stores, await archiveEnd(stores.DB));
    const answer = await read(archive);
    return (await archive.isUnchanged()) ? { answer } : undefined;
  });
}

class ArchiveState implements SteadyArchive {
  readonly floor: number;
  readonly #stores: LogStores;
  readonly #read = new Map<number, Segment>();

  constructor(stores: LogStores, floor: number) {
    this.#stores = stores;
    this.floor = floor;
  }

  async *slicesBehind(after: number, mayPass: (event: ArchivedEvent) => boolean): AsyncGenerator<ArchivedSlice> {
    const request = { limit: EVENTS_A_SLICE, to: this.floor, mayPass };
    for (let behind = after; behind < this.floor; ) {
      const archived = await pageBehind(this.#stores, behind, request);
      if (archived === undefined) return;
      this.#note(archived);
      const { to } = archived;
      const isSelected = sql`${events.seq} > ${behind} AND ${events.seq} <= ${to}`;
      yield { archived, isSelected, size: archived.rows.length, read: to - behind };
      behind = to;
    }
  }

  async *slicesOf(listed: Sql): AsyncGenerator<ArchivedSlice> {
    for (let after = 0; ; ) {
      const query = sql`SELECT DISTINCT seq FROM (${listed}) AS listed
WHERE seq > ${after} AND seq <= ${this.floor} ORDER BY seq LIMIT ${EVENTS_A_SLICE}`;
      const { results } = await query.prepare(this.#stores.DB).all<{ seq: number }>();
      const seqs = results.map(({ seq }) => seq);
      const to = seqs.at(-1);
      if (to === undefined) return;
      const stretch = isOneOf(rawSql('"seq"'), seqs);
      const archived = { stretch, to, ...(await archivedRows(this.#stores, seqs)) };
      this.#note(archived);
      yield { archived, isSelected: isOneOf(events.seq, seqs), size: archived.rows.length, read: seqs.length };
      after = to;
    }
  }

  /** Whether nothing was archived, and no segment that was read was rewritten. */
  async isUnchanged(): Promise<boolean> {
    const { DB } = this.#stores;
    return await areUnchanged(DB, [...this.#read.values()], this.floor);
  }

  #note({ from }: ArchivedRows): void {
    for (const segment of from) {
      const known = this.#read.get(segment.first);
      if (known !== undefined && !isSameObject(known, segment)) throw new ArchiveChanged("a segment was rewritten");
      this.#read.set(segment.first, segment);
    }
  }
}
