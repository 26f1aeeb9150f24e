/** GET /v1/retries: the sends that are due again, page by page, for senders who ask instead of being called. */
import type { Settings } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { CursorParameter, feedSchema, fields, limitParameter } from "../http/schemas.ts";
import { Retry, retryOf, stillDue } from "./retry.ts";
import { retriesAfter } from "./store.ts";

const MAX_LIMIT = 300;
const LIST = "retries";

/** Oldest first. Each retry is listed once; those that should not be sent any more are left out. */
export const listRetries = operation({
  summary: "List due retries",
  description:
    "Sends that bounced softly and are due again, oldest first. Follow `next` and you get each retry once; keep it " +
    "until you ask again. While `next` is the cursor that you gave, no retry has become due. A page may be shorter " +
    "than `limit`, or empty, with more behind it: retries that have ended are left out.",
  query: fields({ cursor: CursorParameter, limit: limitParameter(MAX_LIMIT) }),
  answers: { 200: { description: "The retries after the cursor", schema: feedSchema(Retry) } },
  example: { query: { limit: "100" } },
  handle: async (context, { query }) => {
    const settings = configured(context.env);
    const after = Number(readCursor(settings.tokenKeys, LIST, query.cursor) ?? 0);
    const { due, nextSeq } = await orStorageUnavailable("The retries could not be read", () =>
      readPage(context.env.DB, settings, after, query.limit),
    );
    const data = due.map((row) => retryOf(row, settings.tokenKeys));
    return context.json({ data, next: encryptCursor(settings.tokenKeys, LIST, String(nextSeq)) });
  },
});

async function readPage(d1: D1Database, settings: Settings, after: number, limit: number) {
  const page = await retriesAfter(d1, after, limit);
  const due = await stillDue(d1, page, settings, Date.now());
  return { due, nextSeq: page.at(-1)?.seq ?? after };
}
