/** One message: what became of it and how that is known, and all that happened to it, in order. */
import type { Schemas } from "../client/index.ts";
import { AddressText } from "../web/components/address-text.tsx";
import { EmptyState, Facts, Pager, Section } from "../web/components/content.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { recipientParameters } from "./asked-recipient.tsx";
import { EventItem, isByAppleProxy, type TimelineEntry } from "./event-item.tsx";
import { liveAddressFrom } from "./live.ts";
import { activityWords, mailingPath, nameOf, StatusTag, whoOf } from "./message-parts.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { REASONS } from "./suppression-forms.tsx";
import { answered, pageQuery, type Visit } from "./visit.ts";

type Message = Schemas["Message"];

interface Timeline {
  readonly message: Message;
  readonly statusReason: string;
  readonly data: readonly TimelineEntry[];
  readonly feedCursor: string;
  readonly next?: string;
}

const EVENTS_PER_PAGE = 100;

export const messageOfToken: DashboardPage = {
  path: "/messages/:token",
  scope: "read",
  show: async (visit) => {
    const { token = "" } = visit.params;
    const params = { path: { token }, query: pageQuery(visit.url, EVENTS_PER_PAGE) };
    return await content(visit, await answered(visit.api.GET("/v1/messages/{token}", { params })));
  },
};

export const messageOfIds: DashboardPage = {
  path: "/messages/:email/:campaign/:person",
  scope: "read",
  show: async (visit) => {
    const { email = "", campaign = "", person = "" } = visit.params;
    const params = { path: { email, campaign, person }, query: pageQuery(visit.url, EVENTS_PER_PAGE) };
    return await content(visit, await answered(visit.api.GET("/v1/messages/{email}/{campaign}/{person}", { params })));
  },
};

async function content(visit: Visit, timeline: Timeline): Promise<PageContent> {
  const { message, statusReason, data, feedCursor, next } = timeline;
  const suppression = await suppressionOf(visit, message);
  return {
    title: `Message to ${whoOf(message.person)}`,
    heading: <AddressText address={whoOf(message.person)} />,
    lede: (
      <>
        <a href={mailingPath("email", message.email.id)}>
          <bdi>{nameOf(message.email, "email")}</bdi>
        </a>
        {" in "}
        <a href={mailingPath("campaign", message.campaign.id)}>
          <bdi>{nameOf(message.campaign, "campaign")}</bdi>
        </a>
      </>
    ),
    body: (
      <LiveRegion id="message" follow={liveAddressFrom(feedCursor, { token: message.message })}>
        <Section title="Summary">
          <p class="status">
            <StatusTag status={message.status} /> {statusReason}
          </p>
          <Facts facts={factsOf(visit, timeline, suppression)} />
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

function factsOf({ viewer, zone }: Visit, { message, data }: Timeline, suppression: Check | undefined) {
  const { people, bots } = activityWords(message);
  const isBehindProxy = data.some(({ event }) => isByAppleProxy(event));
  const nobodySeen = isBehindProxy ? "Cannot be known: Apple’s mail privacy proxy hides who opens" : "Nothing yet";
  const { id } = message.person;
  return [
    { label: "Sent", value: <LocalTime at={message.sentAt} zone={zone} /> },
    { label: "People", value: people === "" ? nobodySeen : people },
    {
      label: isBehindProxy ? "Bots and Apple’s proxy" : "Bots",
      value: bots === "" ? "Nothing seen" : bots,
    },
    {
      label: "Person",
      value:
        viewer.may("admin") && !isPseudonym(id) ? (
          <a href={`/app/people/${encodeURIComponent(id)}`}>{id}</a>
        ) : (
          <bdi>{id}</bdi>
        ),
    },
    { label: "Their messages", value: <a href={`/app/messages?message=${message.message}`}>All messages to them</a> },
    ...(suppression === undefined
      ? []
      : [{ label: "Suppressions", value: <Suppressions check={suppression} recipient={String(id)} /> }]),
  ];
}

/** Nobody is behind it who could be looked for. */
function isPseudonym(id: string | number): boolean {
  return String(id).startsWith("~");
}

type Check = Readonly<{ suppressed: boolean; reasons: readonly Schemas["SuppressionReason"][] }>;

/** Whether they may be mailed, for viewers who may ask. */
async function suppressionOf({ api, viewer }: Visit, { person }: Message): Promise<Check | undefined> {
  if (!viewer.may("send") || isPseudonym(person.id)) return undefined;
  const address = person.address === undefined ? {} : { address: person.address };
  const query = { person: String(person.id), ...address };
  return await answered(api.GET("/v1/suppressions/check", { params: { query } }));
}

function Suppressions({ check, recipient }: { readonly check: Check; readonly recipient: string }) {
  const reasons = [...new Set(check.reasons.map(({ reason }) => REASONS[reason]))];
  return (
    <a href={`/app/suppressions?${recipientParameters({ person: recipient })}`}>
      {check.suppressed ? `Not to be mailed: ${reasons.join(", ")}` : "None: they may be mailed"}
    </a>
  );
}
