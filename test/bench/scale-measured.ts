/**
 * What `npm run bench -- scale` counted for docs/scale.md, in November 2026; its last lines are such an object. Times
 * (`cpuMs` and `durableObjectMs` of what is recorded, `msPerEvent`) are those of an earlier run, on an idle machine.
 */
import type { Measured } from "./scale-plan.ts";

/** Of a month of the same events whose ids, those of sends too, are UUIDs. */
export const WITH_UUIDS: Pick<Measured, "hotBytes" | "statsBytes"> = { hotBytes: 548, statsBytes: 339 };

export const MEASURED: Measured = {
  recorded: {
    requests: 0.183,
    cpuMs: 1.25,
    durableObjectRequests: 0.162,
    durableObjectMs: 1.19,
    durableObjectRowsRead: 0.162,
    durableObjectRowsWritten: 0.324,
    queueOperations: 0.547,
    d1RowsRead: 12.6,
    d1RowsWritten: 3.6,
    r2ClassA: 0,
    r2ClassB: 0,
  },
  archived: {
    requests: 0,
    cpuMs: 0.0514,
    durableObjectRequests: 0,
    durableObjectMs: 0,
    durableObjectRowsRead: 0,
    durableObjectRowsWritten: 0,
    queueOperations: 0,
    d1RowsRead: 20.2,
    d1RowsWritten: 1.54,
    r2ClassA: 4.08e-5,
    r2ClassB: 6.12e-5,
  },
  segment: {
    classA: 2,
    classB: 3,
  },
  messagesPerEvent: 0.408,
  hotBytes: 178,
  keptBytes: 644,
  statsBytes: 130,
  filedBytes: 8.99,
  keptShare: 0.0286,
  gatesPerEvent: 0.162,
  queueMessagesPerEvent: 0.182,
  archivedBytes: 15.9,
  msPerEvent: 0.152,
};
