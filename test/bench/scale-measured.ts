/** What `npm run bench -- scale` counted for docs/scale.md, in November 2026; its last lines are this object. */
import type { Measured } from "./scale-plan.ts";

export const MEASURED: Measured = {
  recorded: {
    requests: 0.183,
    cpuMs: 1.15,
    durableObjectRequests: 0.162,
    durableObjectMs: 1.97,
    durableObjectRowsRead: 0.162,
    durableObjectRowsWritten: 0.324,
    queueOperations: 0.547,
    d1RowsRead: 12.5,
    d1RowsWritten: 3.59,
    r2ClassA: 0,
    r2ClassB: 0,
  },
  archived: {
    requests: 0,
    cpuMs: 0.0212,
    durableObjectRequests: 0,
    durableObjectMs: 0,
    durableObjectRowsRead: 0,
    durableObjectRowsWritten: 0,
    queueOperations: 0,
    d1RowsRead: 8.08,
    d1RowsWritten: 0.988,
    r2ClassA: 2.04e-5,
    r2ClassB: 2.04e-5,
  },
  segment: {
    classA: 1,
    classB: 1,
  },
  messagesPerEvent: 0.408,
  hotBytes: 177,
  keptBytes: 388,
  statsBytes: 118,
  keptShare: 0.0286,
  gatesPerEvent: 0.162,
  queueMessagesPerEvent: 0.182,
  archivedBytes: 15.9,
  msPerEvent: 0.159,
};
