/** The parameters that reports have in common. */
import * as v from "valibot";
import { IdParameter, limitParameter, SignedCursor, TimeParameter } from "../http/schemas.ts";
import type { ReportFilter } from "./filter.ts";

export const MAX_ROWS = 1_000;

/** The messages that a report counts, by what they are and when they were sent. */
export const MESSAGES = {
  campaign: v.optional(IdParameter),
  since: v.optional(TimeParameter),
  until: v.optional(TimeParameter),
};

export const BOTS = {
  bots: v.optional(v.picklist(["exclude", "include"], 'must be "exclude" or "include"'), "exclude"),
};

export const PAGE = { limit: limitParameter(MAX_ROWS, MAX_ROWS), cursor: SignedCursor };

interface FilterQuery {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly bots?: ReportFilter["bots"];
}

export function filterOf({ email, campaign, since, until, bots = "exclude" }: FilterQuery): ReportFilter {
  return { email, campaign, sinceMs: since, untilMs: until, bots };
}
