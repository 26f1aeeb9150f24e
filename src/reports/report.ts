/**
 * What reports have in common: rows as JSON, `{data, next?, archived?, total?}`, or as CSV when the path ends in ".csv"
 * or Accept prefers it, and pages by cursors. Always up to date: the rest of the log is aggregated first.
 */
import * as v from "valibot";
import type { LogStores } from "../archive/index.ts";
import type { Settings } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { type AnswerSpec, type ApiContext, type Operation, operation } from "../http/operation.ts";
import { pageSchema } from "../http/schemas.ts";
import { csvText } from "../platform/csv.ts";
import type { ReportFilter } from "./filter.ts";
import { withStatistics } from "./statistics.ts";
import { archivedMessages } from "./totals.ts";

/** The columns of a CSV: the cell of a row under each header. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

export interface ReportPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined at the end. */
  readonly next?: string | undefined;
  /** What JSON has beside the rows. */
  readonly total?: object;
  readonly besides?: object | undefined;
}

interface ReportSpec<Query extends v.GenericSchema, Row> {
  /** As in its path: "emails" */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly query: Query;
  /** Of `entryOf`'s. */
  readonly entry: v.GenericSchema;
  /** Of `total`. Default: there is none. */
  readonly total?: v.GenericSchema;
  /** Of `besides`, the fields of an answer that only some queries have. */
  readonly besides?: v.ObjectEntries;
  /** Perhaps others for some queries. */
  readonly columns: Columns<Row> | ((query: v.InferOutput<Query>) => Columns<Row>);
  /** What columns hold, by their headers, besides words. */
  readonly holds?: AnswerSpec["csvColumns"];
  readonly example?: v.InferInput<Query>;
  /** @param after the `next` of the page before */
  readonly read: (
    stores: LogStores,
    query: v.InferOutput<Query>,
    after: string | undefined,
    nowMs: number,
    settings: Settings,
  ) => Promise<ReportPage<Row>>;
  readonly entryOf: (row: Row) => object;
  /**
   * The messages whose archived ones are not in the rows, of a report that asks about single messages; undefined when
   * none is left out. Default: archived messages are in its rows.
   */
  readonly leavesOut?: (query: v.InferOutput<Query>, nowMs: number) => ReportFilter | undefined;
}

/** How many messages a report leaves out. */
const Archived = v.optional(
  v.pipe(v.number(), v.description("How many of these messages are archived, and not in the rows. Missing: none.")),
);

/** Declares a report, whose query may have a `cursor`. */
export function report<Query extends v.GenericSchema<unknown, object>, Row>({
  name,
  summary,
  description,
  query,
  entry,
  total,
  besides,
  columns,
  holds: csvColumns = {},
  example,
  read,
  entryOf,
  leavesOut,
}: ReportSpec<Query, Row>): Operation {
  const answer = pageSchema(v.pipe(entry, v.title(`${name[0]?.toUpperCase()}${name.slice(1)}ReportRow`)));
  const more: v.ObjectEntries = {
    ...(leavesOut === undefined ? {} : { archived: Archived }),
    ...(total === undefined ? {} : { total }),
    ...besides,
  };
  const schema = v.object({ ...answer.entries, ...more });
  return operation({
    summary,
    ...(description === undefined ? {} : { description }),
    query,
    answers: { 200: { description: "The rows", schema, alsoAs: [CSV], csvColumns } },
    ...(example === undefined ? {} : { example: { query: example } }),
    handle: async (context, input) => {
      const { tokenKeys: keys } = configured(context.env);
      const list = `reports/${name}/${questionOf(input.query)}`;
      const after = readCursor(keys, list, cursorIn(input.query));
      const { rows, archived, ...found } = await withStatistics(context, async (stores, settings) => {
        const nowMs = Date.now();
        const page = await read(stores, input.query, after, nowMs, settings);
        const leftOut = leavesOut?.(input.query, nowMs);
        return { ...page, archived: leftOut === undefined ? 0 : await archivedMessages(stores.DB, leftOut) };
      });
      const next = found.next === undefined ? undefined : encryptCursor(keys, list, found.next);
      if (wantsCsv(context)) {
        const ofQuery = typeof columns === "function" ? columns(input.query) : columns;
        return csv(name, ofQuery, rows, linkToNext(context, next));
      }
      const more = {
        ...(archived === 0 ? {} : { archived }),
        ...(found.total === undefined ? {} : { total: found.total }),
        ...found.besides,
      };
      return context.json({ data: rows.map(entryOf), ...more, ...(next === undefined ? {} : { next }) });
    },
  });
}

/** The same report, always as CSV, for the path that ends in ".csv". */
export function csvOf(json: Operation): Operation {
  const { csvColumns = {} } = json.answers[200] ?? {};
  return {
    ...json,
    summary: `${json.summary}, as CSV`,
    answers: { 200: { description: "The rows", contentType: CSV, csvColumns } },
  };
}

/** From 0 to 1; null when there is no whole. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

const CSV = "text/csv";

/** What a query asks, however long the pages are. */
function questionOf(query: object): string {
  const parameters = Object.entries(query).filter(([name, value]) => !isOfPage(name) && value !== undefined);
  return JSON.stringify(parameters.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function isOfPage(parameter: string): boolean {
  return parameter === "cursor" || parameter === "limit";
}

function cursorIn(query: object): string | undefined {
  return "cursor" in query && typeof query.cursor === "string" ? query.cursor : undefined;
}

function wantsCsv({ req }: ApiContext): boolean {
  return req.path.endsWith(".csv") || /^text\/csv\b/i.test(req.header("Accept") ?? "");
}

function csv<Row>(
  name: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  headers: Record<string, string>,
): Response {
  const cells = rows.map((row) => Object.values(columns).map((cellOf) => cellOf(row)));
  return new Response(csvText([Object.keys(columns), ...cells]), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8; header=present",
      "Content-Disposition": `attachment; filename="${name}.csv"`,
      ...headers,
    },
  });
}

/** RFC 8288 */
function linkToNext({ req }: ApiContext, next: string | undefined): Record<string, string> {
  if (next === undefined) return {};
  const url = new URL(req.url);
  url.searchParams.set("cursor", next);
  return { Link: `<${url.pathname}${url.search}>; rel="next"` };
}
