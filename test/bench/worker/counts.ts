/** What Cloudflare bills, counted. Names as in its price lists. */
import * as v from "valibot";

export const Counts = v.object({
  requests: v.number(),
  durableObjectRequests: v.number(),
  /** Wall time in which a Durable Object had work. */
  durableObjectMs: v.number(),
  durableObjectRowsRead: v.number(),
  durableObjectRowsWritten: v.number(),
  /** Each write, read and delete of a message is one for every 64 KB of it. */
  queueOperations: v.number(),
  d1RowsRead: v.number(),
  d1RowsWritten: v.number(),
  /** Of the archive's bucket: writes and lists. Deletes cost nothing. */
  r2ClassA: v.number(),
  /** Reads. */
  r2ClassB: v.number(),
});

export type Counts = v.InferOutput<typeof Counts>;

export const NO_COUNTS: Counts = {
  requests: 0,
  durableObjectRequests: 0,
  durableObjectMs: 0,
  durableObjectRowsRead: 0,
  durableObjectRowsWritten: 0,
  queueOperations: 0,
  d1RowsRead: 0,
  d1RowsWritten: 0,
  r2ClassA: 0,
  r2ClassB: 0,
};
