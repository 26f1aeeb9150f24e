/** What both reports can be narrowed to. */

export interface ReportFilter {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  /** Messages sent at this time or later; ms since 1970 UTC. */
  readonly sinceMs?: number | undefined;
  /** And before this one. */
  readonly untilMs?: number | undefined;
  /** Whether what machines opened and clicked counts. */
  readonly bots: "exclude" | "include";
}

/** The condition on `messages` that ?1 to ?4 fill, as `filterValues` gives them; a missing one lets everything through. */
export function filterCondition({ email, campaign, sinceMs, untilMs }: ReportFilter): string {
  return [
    email === undefined ? "?1 IS NULL" : "email = ?1",
    campaign === undefined ? "?2 IS NULL" : "campaign = ?2",
    sinceMs === undefined ? "?3 IS NULL" : "since >= ?3",
    untilMs === undefined ? "?4 IS NULL" : "since < ?4",
  ].join(" AND ");
}

export function filterValues({ email, campaign, sinceMs, untilMs }: ReportFilter) {
  return [email ?? null, campaign ?? null, sinceMs ?? null, untilMs ?? null];
}
