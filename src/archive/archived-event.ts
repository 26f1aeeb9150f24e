/** What readers ask of an archived event before they take it: by name, because only the archive knows its columns. */
import { COLUMN, type SegmentRow } from "./segment-file.ts";

/** Some columns of an archived row of `events`. */
export interface ArchivedEvent {
  readonly type: number;
  /** When it happened, ms since 1970 UTC. */
  readonly at: number;
  /** When it was recorded, ms since 1970 UTC. */
  readonly recordedAt: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
}

export function archivedEvent(row: SegmentRow): ArchivedEvent {
  return {
    type: row[COLUMN.type],
    at: row[COLUMN.at],
    recordedAt: row[COLUMN.recordedAt],
    email: row[COLUMN.email],
    person: row[COLUMN.person],
    campaign: row[COLUMN.campaign],
  };
}
