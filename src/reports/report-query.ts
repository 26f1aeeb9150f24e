/** The parameters that reports have in common. */
import * as v from "valibot";
import { ApiError } from "../http/errors.ts";
import { CursorParameter, IdParameter, limitParameter, TimeParameter } from "../http/schemas.ts";
import type { MailingFilter, ReportFilter } from "./filter.ts";

const MAX_ROWS = 1_000;

/** The messages that a report counts, by what they are and when they were sent. */
export const MESSAGES = {
  campaign: v.optional(IdParameter),
  since: v.optional(TimeParameter),
  until: v.optional(TimeParameter),
};

export const BOTS = {
  bots: v.optional(v.picklist(["exclude", "include"], 'must be "exclude" or "include"'), "exclude"),
};

export const PAGE = { limit: limitParameter(MAX_ROWS, MAX_ROWS), cursor: CursorParameter };

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

/**
 * The filter of a report on an email or a campaign.
 * @throws {ApiError} 400 when neither is named
 */
export function mailingFilter(query: FilterQuery): MailingFilter {
  const { email, campaign, ...filter } = filterOf(query);
  if (email !== undefined) return { ...filter, email, campaign };
  if (campaign !== undefined) return { ...filter, campaign };
  const message = "An email or a campaign must be named.";
  throw new ApiError({ status: 400, code: "missing_field", message, field: "email" });
}
