/**
 * What reports have in common: rows as JSON, `{data, next?, archived?, total?}`, or as CSV when the path ends in ".csv"
 * or Accept prefers it, and pages by cursors. Always up to date: the rest of the log is aggregated first.
 */
import { accepts } from "hono/accepts";
import * as v from "valibot";
import type { LogStores } from "../archive/index.ts";
import type { Settings } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { type ApiFailure, orApiError, orStorageUnavailable } from "../http/errors.ts";
import { type AnswerSpec, type ApiContext, type Operation, operation } from "../http/operation.ts";
import { pageSchema } from "../http/schemas.ts";
import { csvText } from "../platform/csv.ts";
import { ok, type Result } from "../platform/result.ts";
import type { ReportFilter } from "./filter.ts";
import { prepareStatistics } from "./statistics.ts";
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

/** What a report reads. */
export interface ReportQuestion<Query, Filter> {
  readonly query: Query;
  readonly filter: Filter;
  /** The `next` of the page before. */
  readonly after: string | undefined;
  readonly nowMs: number;
  readonly settings: Settings;
}

interface ReportSpec<Query extends v.GenericSchema, Filter, Row> {
  /** As in its path: "emails" */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly query: Query;
  /** The schema of `entryOf`'s. */
  readonly entry: v.GenericSchema;
  /** The schema of `total`. Default: there is none. */
  readonly total?: v.GenericSchema;
  /** The schemas of `besides`, the fields of an answer that only some queries have. */
  readonly besides?: v.ObjectEntries;
  /** Perhaps others for some queries. */
  readonly columns: Columns<Row> | ((query: v.InferOutput<Query>) => Columns<Row>);
  /** What columns hold, by their headers, besides words. */
  readonly holds?: AnswerSpec["csvColumns"];
  readonly example?: v.InferInput<Query>;
  /** What a query asks about. @throws {ApiError} 400 for a query that asks about nothing */
  readonly filterOf: (query: v.InferOutput<Query>, nowMs: number) => Filter;
  /** Throws the errors of D1 and R2. @returns a failure when it would read too much */
  readonly read: (
    stores: LogStores,
    question: ReportQuestion<v.InferOutput<Query>, Filter>,
  ) => Promise<Result<ReportPage<Row>, ApiFailure>>;
  readonly entryOf: (row: Row) => object;
  /**
   * The messages whose archived ones are not in the rows, of a report that asks about single messages; undefined when
   * none is left out. Default: archived messages are in its rows.
   */
  readonly leavesOut?: (filter: Filter) => ReportFilter | undefined;
}

const NOT_READ = "The report could not be read";

/** How many messages a report leaves out. */
const Archived = v.optional(
  v.pipe(v.number(), v.description("How many of these messages are archived, and not in the rows. Missing: none.")),
);

/** Declares a report, whose query may have a `cursor`. */
export function report<Query extends v.GenericSchema<unknown, object>, Filter, Row>({
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
  filterOf,
  read,
  entryOf,
  leavesOut,
}: ReportSpec<Query, Filter, Row>): Operation {
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
      const { env } = context;
      const { tokenKeys: keys } = configured(env);
      const list = `reports/${name}/${canonicalQuery(input.query)}`;
      const after = readCursor(keys, list, cursorIn(input.query));
      const settings = orApiError(await orStorageUnavailable(NOT_READ, () => prepareStatistics(env)));
      const nowMs = Date.now();
      const filter = filterOf(input.query, nowMs);
      const leftOut = leavesOut?.(filter);
      const readAll = async () => {
        const page = await read(env, { query: input.query, filter, after, nowMs, settings });
        if (!page.ok) return page;
        return ok({ ...page.value, archived: leftOut === undefined ? 0 : await archivedMessages(env.DB, leftOut) });
      };
      const { rows, archived, ...found } = orApiError(await orStorageUnavailable(NOT_READ, readAll));
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
const JSON_TYPE = "application/json";

/** What a query asks, however long the pages are. */
function canonicalQuery(query: object): string {
  const parameters = Object.entries(query).filter(([name, value]) => !isOfPage(name) && value !== undefined);
  return JSON.stringify(parameters.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function isOfPage(parameter: string): boolean {
  return parameter === "cursor" || parameter === "limit";
}

function cursorIn(query: object): string | undefined {
  return "cursor" in query && typeof query.cursor === "string" ? query.cursor : undefined;
}

function wantsCsv(context: ApiContext): boolean {
  const preferred = () => accepts(context, { header: "Accept", supports: [JSON_TYPE, CSV], default: JSON_TYPE });
  return context.req.path.endsWith(".csv") || preferred() === CSV;
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
