/**
 * The row of an event: a JSON array in the order of `ROW_COLUMNS`. It is written once, where the event happens, and
 * goes through the queue into D1 without being parsed on the way.
 */
import type { Link } from "../tokens/claims.ts";
import { EVENT_TYPES, type LogEvent, type SubscriptionRequest, type Visitor } from "./event.ts";
import type { events } from "./schema.ts";
import type { Send } from "./send-key.ts";

type EventColumns = (typeof events)["_"]["columns"];
type EventColumn = EventColumns[keyof EventColumns]["_"]["name"];

/** The columns of `events` that a row fills, in order. D1 assigns `seq`. */
export const ROW_COLUMNS = [
  "id",
  "type",
  "at",
  "email",
  "person",
  "campaign",
  "send",
  "link_id",
  "link",
  "user_agent",
  "is_bot",
  "bot_pattern",
  "detail",
] as const satisfies readonly EventColumn[];

/** The field of a row's detail that says that it is a load of this provider's own pixel, by a bot. */
export const AUTOMATED_OPEN = "automatedOpen";

export type RowColumn = (typeof ROW_COLUMNS)[number];

/** A row's values by column. */
export type NamedRow = Readonly<Record<RowColumn, unknown>>;

/** @param values one for each of `ROW_COLUMNS`, as `rowOf` writes them */
export function namedRow(values: readonly unknown[]): NamedRow {
  return Object.fromEntries(ROW_COLUMNS.map((column, index) => [column, values[index]])) as NamedRow;
}

/** The row as `rowOf` writes it. */
export function rowText(row: NamedRow): string {
  return JSON.stringify(ROW_COLUMNS.map((column) => row[column]));
}

/** A JSON array with one value for each of `ROW_COLUMNS`; absent values are null. */
export function rowOf(event: LogEvent): string {
  switch (event.type) {
    case "opened":
      return row(event, { visitor: event.visitor });
    case "clicked":
      return row(event, { visitor: event.visitor, link: event.link });
    case "unsubscribed": {
      const { cause } = event;
      if (!("request" in event)) return row(event, { detail: { cause, reportedAt: event.reportedAtMs } });
      return row(event, requestParts(event.request, { cause }));
    }
    case "subscribed":
      if (!("request" in event)) {
        const { by, who, why, reportedAtMs } = event;
        return row(event, { detail: { by, who, why, reportedAt: reportedAtMs } });
      }
      return row(event, requestParts(event.request, { by: "form" }));
    case "sent": {
      const implied = event.isImplied === true ? { implied: true } : {};
      return row(event, { detail: { address: event.address, ...implied, reportedAt: event.reportedAtMs } });
    }
    case "delivered":
      return row(event, { detail: { reportedAt: event.reportedAtMs } });
    case "hardBounced":
    case "softBounced":
      return row(event, { detail: { address: event.address, ...event.bounce, reportedAt: event.reportedAtMs } });
  }
}

interface RowParts {
  readonly visitor?: Visitor;
  readonly link?: Link;
  readonly detail?: object;
}

function row({ id, type, atMs, message }: LogEvent, { visitor, link, detail }: RowParts): string {
  const { email, person, campaign, send }: Send = message;
  // JSON.stringify writes an undefined element as null.
  return JSON.stringify([
    id,
    EVENT_TYPES[type].id,
    atMs,
    email,
    person,
    campaign,
    send,
    link?.id,
    link?.url,
    visitor?.userAgent,
    visitor?.botPattern === undefined ? 0 : 1,
    visitor?.botPattern,
    detailText(detail),
  ]);
}

/** Undefined fields are left out; null without any. */
function detailText(detail: object = {}): string | null {
  const text = JSON.stringify(detail);
  return text === "{}" ? null : text;
}

function requestParts(request: SubscriptionRequest, more: Record<string, string>): RowParts {
  const { userAgent, clientIp, referrer, query, formFields } = request;
  return {
    visitor: { userAgent },
    detail: {
      ...more,
      ...(clientIp === "" ? {} : { clientIp }),
      ...(referrer === "" ? {} : { referrer }),
      ...(query === "" ? {} : { query }),
      formFields,
    },
  };
}
