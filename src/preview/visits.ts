/**
 * POST /preview/visits: opens and clicks that happened before this machine ran, for the sample history of a developer's
 * machine. They are classified and stored like those of requests, but at the times given.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { botOf } from "../bots/classify.ts";
import type { Settings } from "../config/settings.ts";
import { openedId } from "../events/opened-id.ts";
import { rowOf } from "../events/row.ts";
import { contextOf } from "../ingest/context.ts";
import { insertGroups } from "../ingest/insert.ts";
import { groupOf } from "../ingest/row-group.ts";

const PastVisit = v.object({
  atMs: v.number(),
  email: v.string(),
  person: v.string(),
  campaign: v.string(),
  userAgent: v.string(),
  /** The link that was clicked. */
  link: v.optional(v.object({ id: v.string(), url: v.string() })),
});
const PastVisits = v.object({ visits: v.array(PastVisit) });
type PastVisit = v.InferOutput<typeof PastVisit>;

export async function recordVisits(
  context: Context<{ Bindings: Env; Variables: { settings: Settings } }>,
): Promise<Response> {
  const body = v.safeParse(PastVisits, await context.req.json());
  if (!body.success) return context.json({ error: v.summarize(body.issues) }, 400);
  const { bots } = context.var.settings;
  const rows = body.output.visits.map((visit) => rowOfVisit(visit, bots, contextOf(context.env).nextEventId()));
  if (rows.length > 0) await insertGroups(context.env, [groupOf(rows)]);
  return context.json({ recorded: rows.length });
}

function rowOfVisit(visit: PastVisit, bots: Settings["bots"], clickId: string): string {
  const { atMs, email, person, campaign, userAgent, link } = visit;
  const message = { email, person, campaign };
  const route = link === undefined ? "open" : "click";
  const bot = botOf({ route, userAgent, afterHead: false, isHoneypot: false }, bots);
  const visitor = { userAgent, botPattern: bot?.pattern };
  if (link === undefined) return rowOf({ type: "opened", id: openedId(message, "campaign"), atMs, message, visitor });
  return rowOf({ type: "clicked", id: clickId, atMs, message, visitor, link });
}
