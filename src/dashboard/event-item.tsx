/** An event of a timeline: a sentence with its time, and the evidence for it. */
import type { Child } from "hono/jsx";
import { isAppleProxyPattern } from "../bots/bot.ts";
import type { Schemas } from "../client/index.ts";
import { Facts } from "../web/components/content.tsx";
import { WebLink } from "../web/components/web-link.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { categoryWords } from "./bounce-reasons.ts";
import { EventIcon, type IconKind } from "./event-icon.tsx";

type Event = Schemas["Event"];

export interface TimelineEntry {
  readonly summary: string;
  readonly why?: string;
  readonly event: Event;
}

export function EventItem({ entry, zone }: { readonly entry: TimelineEntry; readonly zone: string }) {
  const { event, summary, why } = entry;
  const kind = iconOf(event);
  return (
    <li class="event" id={`event-${event.id}`} data-live-row>
      <EventIcon kind={kind} />
      <div class="event-words">
        <p class="event-what" dir="auto">
          <Sentence event={event} summary={summary} />{" "}
          {kind === "bot" ? <span class="tag">{isByAppleProxy(event) ? "Proxy" : "Bot"}</span> : null}
        </p>
        <p class="event-when">
          <LocalTime at={event.at} zone={zone} exact="second" />
        </p>
        <Evidence event={event} why={why} />
        <details class="event-more" id={`more-${event.id}`}>
          <summary>Details</summary>
          <Facts facts={factsOf(event, zone)} />
        </details>
      </div>
    </li>
  );
}

function iconOf(event: Event): IconKind {
  if (isVisit(event)) return event.visitor.isBot ? "bot" : "person";
  switch (event.type) {
    case "hard_bounced":
      return "refused";
    case "soft_bounced":
    case "retry":
      return "deferred";
    case "delivered":
      return "accepted";
    case "unsubscribed":
    case "subscribed":
      return "person";
    case "sent":
    case "suppression_removed":
    case "retracted":
      return "sent";
  }
}

/** Apple's mail privacy proxy loads pictures whether or not somebody reads the mail. */
export function isByAppleProxy(event: Event): boolean {
  return event.type === "opened" && isAppleProxyPattern(event.visitor.botPattern);
}

function isVisit(event: Event): event is Extract<Event, { visitor: unknown }> {
  return event.type === "opened" || event.type === "clicked";
}

/** The summary, in which the address of a link can be followed. */
function Sentence({ event, summary }: { readonly event: Event; readonly summary: string }) {
  const url = event.type === "clicked" ? event.link.url : undefined;
  const at = url === undefined ? -1 : summary.indexOf(url);
  if (url === undefined || at < 0) return <>{summary}</>;
  return (
    <>
      {summary.slice(0, at)}
      <WebLink url={url} />
      {summary.slice(at + url.length)}
    </>
  );
}

function Evidence({ event, why }: { readonly event: Event; readonly why: string | undefined }) {
  const said = "bounce" in event ? (event.bounce.details ?? event.bounce.status) : undefined;
  const isNamed = event.type === "clicked" && event.link.name !== undefined;
  const because = "why" in event ? event.why : undefined;
  return (
    <>
      {why === undefined ? null : <p class="evidence">{why}.</p>}
      {isNamed && event.link.url !== undefined ? (
        <p class="evidence">
          <WebLink url={event.link.url} />
        </p>
      ) : null}
      {said === undefined ? null : (
        <figure class="said">
          <figcaption>The mail server said</figcaption>
          <blockquote dir="auto">{said}</blockquote>
        </figure>
      )}
      {because === undefined ? null : (
        <p class="evidence" dir="auto">
          {because}
        </p>
      )}
    </>
  );
}

/** What else the log holds of it; what it does not have is left out. */
function factsOf(event: Event, zone: string) {
  const facts: readonly (readonly [string, Child | undefined])[] = [
    ["Address", event.address],
    ...(isVisit(event) ? visitFacts(event) : []),
    ...("bounce" in event ? bounceFacts(event.bounce) : []),
    ...("request" in event ? requestFacts(event.request) : []),
    ["Cause", "cause" in event ? event.cause : undefined],
    ["By", "who" in event ? event.who : undefined],
    ["Send", event.send],
    [
      "Time as it was reported",
      event.reportedAt === undefined ? undefined : <LocalTime at={event.reportedAt} zone={zone} exact="second" />,
    ],
    ["Event", <code>{event.id}</code>],
    ["Position in the log", String(event.seq)],
  ];
  return facts.flatMap(([label, value]) =>
    value === undefined ? [] : [{ label, value: typeof value === "string" ? <bdi>{value}</bdi> : value }],
  );
}

function visitFacts(event: Extract<Event, { visitor: unknown }>) {
  const { userAgent, device, platform, isMobile, botPattern } = event.visitor;
  return [
    ["Link", event.type === "clicked" ? event.link.id : undefined],
    ["Device", device],
    ["System", platform],
    ["Phone or tablet", isMobile === undefined ? undefined : isMobile ? "Yes" : "No"],
    ["Bot pattern", botPattern],
    ["User agent", userAgent],
  ] as const;
}

function bounceFacts({ category, subcategory, status }: Schemas["Bounce"]) {
  return [
    ["Category", categoryWords(category)],
    ["Reason as the source calls it", subcategory],
    ["Status code", status],
  ] as const;
}

function requestFacts(
  request:
    | { userAgent?: string; clientIp?: string; referrer?: string; query?: string; formFields?: Record<string, string> }
    | undefined,
) {
  const form = Object.entries(request?.formFields ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    ["User agent", request?.userAgent],
    ["IP address", request?.clientIp],
    ["Referrer", request?.referrer],
    ["Query", request?.query],
    ["Form fields", form.length === 0 ? undefined : form.join(", ")],
  ] as const;
}
