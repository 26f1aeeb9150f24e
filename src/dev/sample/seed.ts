/**
 * Fills an empty log of `npm run dev` with the sample history, so that every page of the dashboard shows something.
 * Events go in by the API, mailing by mailing; opens and clicks of the past by a route that only development has.
 */
import { createClient, type WaxsealClient } from "../../client/index.ts";
import { sampleEmail } from "../../preview/sample-email.ts";
import { type SampleReport, type SampleVisit, sampleHistory } from "./history.ts";
import { MAILINGS, type SampleMailing } from "./mailings.ts";

const MAX_EVENTS_A_CALL = 1_000;

/** What is clicked, by the email's id. */
type LinksByEmail = ReadonlyMap<string, readonly { readonly id: string; readonly url: string }[]>;

export interface SeedTarget {
  readonly origin: string;
  readonly apiKey: string;
}

/**
 * How many events were recorded; 0 when the log had some already.
 * @throws when the Worker refuses
 */
export async function seedSampleHistory({ origin, apiKey }: SeedTarget, nowMs: number): Promise<number> {
  const api = createClient({ origin, apiKey });
  const { data: first } = await api.GET("/v1/events", { params: { query: { limit: 1 } } });
  if (first === undefined || first.data.length > 0) return 0;
  const links = await registerEmails(api);
  const { reports, visits } = sampleHistory(nowMs);
  for (const { email, campaign } of MAILINGS) {
    await report(
      api,
      reports.filter((each) => each.email.id === email.id && each.campaign.id === campaign.id),
    );
    await visit(
      origin,
      visits.filter((each) => each.email === String(email.id)),
      links,
    );
  }
  return reports.length + visits.length;
}

async function registerEmails(api: WaxsealClient): Promise<LinksByEmail> {
  const links = new Map<string, readonly { readonly id: string; readonly url: string }[]>();
  for (const { email, campaign } of MAILINGS) {
    const body = { email, campaign, person: 1, html: htmlOf(email), keepSource: true };
    const { data, error } = await api.POST("/v1/decorate", { body });
    if (data === undefined) throw new Error(`an email was refused: ${JSON.stringify(error)}`);
    links.set(String(email.id), data.links);
  }
  return links;
}

function htmlOf({ name }: SampleMailing["email"]): string {
  return sampleEmail.html.replaceAll(/The\s+last harvest is in/g, name);
}

async function report(api: WaxsealClient, reports: readonly SampleReport[]): Promise<void> {
  for (let from = 0; from < reports.length; from += MAX_EVENTS_A_CALL) {
    const events = reports.slice(from, from + MAX_EVENTS_A_CALL);
    const { data, error } = await api.POST("/v1/events", { body: { events } });
    if (data === undefined || data.rejected.length > 0)
      throw new Error(`sample events were refused: ${JSON.stringify(error ?? data?.rejected)}`);
  }
}

async function visit(origin: string, visits: readonly SampleVisit[], links: LinksByEmail): Promise<void> {
  const body = { visits: visits.map(({ link, ...each }) => ({ ...each, ...linkOf(each.email, link, links) })) };
  const answer = await fetch(`${origin}/preview/visits`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`sample visits were refused: ${await answer.text()}`);
}

function linkOf(email: string, index: number | undefined, links: LinksByEmail) {
  if (index === undefined) return {};
  const of = links.get(email) ?? [];
  const link = of[index % of.length];
  return link === undefined ? {} : { link: { id: link.id, url: link.url } };
}
