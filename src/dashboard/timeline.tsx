/** One message: what became of it and how that is known, and all that happened to it, in order. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Facts, Pager, Section } from "../web/components/content.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { EventItem, type TimelineEntry } from "./event-item.tsx";
import { liveAddress } from "./live.ts";
import { activityWords, campaignPath, emailPath, nameOf, StatusTag, whoOf } from "./message-parts.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { answered, type Visit } from "./visit.ts";

type Message = Schemas["Message"];

interface Timeline {
  readonly message: Message;
  readonly statusReason: string;
  readonly data: readonly TimelineEntry[];
  readonly next?: string;
}

export const messageOfToken: DashboardPage = {
  path: "/messages/:token",
  scope: "read",
  show: async (visit) => {
    const { token = "" } = visit.params;
    const follow = await liveAddress(visit, { token });
    const params = { path: { token }, query: queryOf(visit) };
    return await content(visit, await answered(visit.api.GET("/v1/messages/{token}", { params })), follow);
  },
};

export const messageOfIds: DashboardPage = {
  path: "/messages/:email/:campaign/:person",
  scope: "read",
  show: async (visit) => {
    const { email = "", campaign = "", person = "" } = visit.params;
    const path = { email, campaign, person };
    const follow = await liveAddress(visit, path);
    const params = { path, query: queryOf(visit) };
    return await content(
      visit,
      await answered(visit.api.GET("/v1/messages/{email}/{campaign}/{person}", { params })),
      follow,
    );
  },
};

function queryOf({ url }: Visit) {
  const cursor = url.searchParams.get("cursor");
  return cursor === null ? {} : { cursor };
}

async function content(visit: Visit, timeline: Timeline, follow: string): Promise<PageContent> {
  const { message, statusReason, data, next } = timeline;
  const suppression = await suppressionOf(visit, message);
  return {
    title: `Message to ${whoOf(message.person)}`,
    heading: <bdi>{whoOf(message.person)}</bdi>,
    lede: (
      <>
        <a href={emailPath(message.email)}>
          <bdi>{nameOf(message.email, "Email")}</bdi>
        </a>
        {" in "}
        <a href={campaignPath(message.campaign)}>
          <bdi>{nameOf(message.campaign, "Campaign")}</bdi>
        </a>
      </>
    ),
    body: (
      <LiveRegion id="message" follow={follow}>
        <Section title="Summary">
          <p class="status">
            <StatusTag status={message.status} /> {statusReason}
          </p>
          <Facts facts={factsOf(visit, message, suppression)} />
        </Section>
        <Section title="Timeline">
          <TimelineList visit={visit} entries={data} />
          <Pager next={next} url={visit.url} />
        </Section>
      </LiveRegion>
    ),
  };
}

function TimelineList({ visit, entries }: { readonly visit: Visit; readonly entries: readonly TimelineEntry[] }) {
  if (entries.length === 0) return <EmptyState title="No events on this page" />;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <EventItem entry={entry} zone={visit.zone} />
      ))}
    </ol>
  );
}

function factsOf({ viewer, zone }: Visit, message: Message, suppression: Check | undefined) {
  const { people, bots } = activityWords(message);
  const person = `person=${encodeURIComponent(message.person.id)}`;
  return [
    { label: "Sent", value: <LocalTime at={message.sentAt} zone={zone} /> },
    { label: "People", value: people === "" ? "Nothing yet" : people },
    { label: "Bots", value: bots === "" ? "Nothing seen" : bots },
    {
      label: "Person",
      value: viewer.may("admin") ? (
        <a href={`/app/people/${encodeURIComponent(message.person.id)}`}>{message.person.id}</a>
      ) : (
        <bdi>{message.person.id}</bdi>
      ),
    },
    { label: "Their messages", value: <a href={`/app/messages?${person}`}>All messages to them</a> },
    ...(suppression === undefined
      ? []
      : [{ label: "Suppressions", value: <Suppressions check={suppression} query={person} /> }]),
  ];
}

type Check = Readonly<{ suppressed: boolean; reasons: readonly Schemas["SuppressionReason"][] }>;

/** Whether they may be mailed, for viewers who may ask. */
async function suppressionOf({ api, viewer }: Visit, { person }: Message): Promise<Check | undefined> {
  if (!viewer.may("send")) return undefined;
  const address = person.address === undefined ? {} : { address: person.address };
  const query = { person: String(person.id), ...address };
  return await answered(api.GET("/v1/suppressions/check", { params: { query } }));
}

function Suppressions({ check, query }: { readonly check: Check; readonly query: string }) {
  if (!check.suppressed) return <>None: they may be mailed</>;
  const reasons = [...new Set(check.reasons.map(({ reason }) => reason))];
  return <a href={`/app/suppressions?${query}`}>Not to be mailed: {reasons.join(", ")}</a>;
}
