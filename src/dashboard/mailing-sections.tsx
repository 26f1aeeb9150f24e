/** Sections of the pages of an email and of a campaign: what became of it, and when, where and why. */
import type { Schemas } from "../client/index.ts";
import { FunnelChart, HeatMap } from "../web/charts/index.ts";
import { Figures, Section } from "../web/components/content.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { countWords, formatCount, formatShare } from "../web/format.ts";
import { archivedNote, emptyWords } from "./archived-words.ts";
import { BOUNCE_WORDS, BOUNCE_WORDS_MEAN } from "./bounce-reasons.ts";
import { LeftOut, leftOutWords, ONLY_BOTS_OPENED, opensNote, Rate } from "./count-parts.tsx";
import type { GroupRow } from "./group-table.tsx";
import type { OrTooLarge, WeekAnswer } from "./mailing.ts";
import { BotsSwitch, botsIn } from "./report-choices.tsx";

type DeviceRow = Schemas["DevicesReportRow"];
type DomainRow = Schemas["DomainsReportRow"];
type BounceRow = Schemas["BouncesReportRow"];

export function WhatBecame({ row, url }: { readonly row: GroupRow; readonly url: URL }) {
  const { sent, delivered, opened, openedByPixel, clicked, unsubscribed, complained, rates, bots } = row;
  const isWithBots = botsIn(url) === "include";
  const opens = isWithBots
    ? `with ${formatCount(bots.opened)} ${ONLY_BOTS_OPENED}`
    : leftOutWords(bots.opened, ONLY_BOTS_OPENED);
  const clicks = isWithBots
    ? `with ${formatCount(bots.clicked)} that only bots clicked`
    : leftOutWords(bots.clicked, "that only bots clicked");
  return (
    <Section
      title="What became of it"
      tools={<BotsSwitch url={url} />}
      footnote={[
        "Messages, each once. One that was opened, clicked or unsubscribed from was delivered, whatever a server said;",
        `a click implies an open; the pictures of ${formatCount(openedByPixel)} opened messages were loaded.`,
        opensNote(botsIn(url)),
      ].join(" ")}
    >
      <FunnelChart
        title="From sent to clicked"
        untitled
        steps={[
          { label: "Sent", count: sent },
          { label: "Delivered", count: delivered },
          { label: "Opened", count: opened, ...(opens === "" ? {} : { note: opens }) },
          { label: "Clicked", count: clicked, ...(clicks === "" ? {} : { note: clicks }) },
        ]}
        empty="No message was sent to a person who is known."
      />
      <Figures
        figures={[
          {
            label: "Unsubscribed",
            value: formatCount(unsubscribed),
            detail: <Rate share={rates.unsubscribed} of="delivered" />,
          },
          {
            label: "Complained",
            value: formatCount(complained),
            detail: <Rate share={rates.complained} of="delivered" />,
          },
          { label: "Hard bounced", value: formatCount(row.hardBounced), detail: ofSent(row.hardBounced, sent) },
          { label: "Soft bounced", value: formatCount(row.softBounced), detail: ofSent(row.softBounced, sent) },
          { label: "Pending", value: formatCount(row.pending), detail: "sent less than three days ago" },
          { label: "No response", value: formatCount(row.noResponse), detail: "nothing heard in three days" },
        ]}
      />
    </Section>
  );
}

const ofSent = (count: number, sent: number) => <span class="part">{`${formatShare(count, sent)} of sent`}</span>;

interface OpenHoursProps {
  readonly activity: OrTooLarge<WeekAnswer>;
  readonly zone: string;
}

/** When people open, which is when to send the next one. */
export function OpenHours({ activity, zone }: OpenHoursProps) {
  const title = "When people open";
  if ("tooLarge" in activity) return <TooLarge title={title} message={activity.tooLarge} />;
  const { data, total } = activity;
  return (
    <Section
      title={title}
      note={
        <>
          {countWords(total.opened, "open")} by people, by hour and weekday
          <LeftOut count={total.bots.opened} what="opens by bots" />
          {archivedNote(activity)}
        </>
      }
    >
      <HeatMap
        title="Opens by hour and weekday"
        untitled
        zone={zone}
        cells={data.map(({ weekday, hour, opened }) => ({ weekday, hour, count: opened }))}
        empty={emptyWords(activity, "Nobody has opened it yet: opens are here within a minute.")}
      />
    </Section>
  );
}

/** What would read more than is read at once. */
export function TooLarge({ title, message }: { readonly title: string; readonly message: string }) {
  return (
    <Section title={title}>
      <p class="notice note">{message}</p>
    </Section>
  );
}

interface FirstRows<Row> {
  readonly data: readonly Row[];
  readonly archived?: number;
  /** There when there are more rows. */
  readonly next?: string;
}

/** What a note says of a list that is cut. */
export function cutNote({ data, next }: FirstRows<unknown>, order: string): string {
  return next === undefined ? "" : ` These are the ${formatCount(data.length)} ${order}.`;
}

export function Devices({ rows }: { readonly rows: OrTooLarge<FirstRows<DeviceRow>> }) {
  const title = "Devices";
  if ("tooLarge" in rows) return <TooLarge title={title} message={rows.tooLarge} />;
  const columns: readonly Column<DeviceRow>[] = [
    { label: "Device", isName: true, cell: deviceWords },
    { label: "Opens", isNumber: true, cell: ({ opened }) => formatCount(opened) },
    { label: "Clicks", isNumber: true, cell: ({ clicks }) => formatCount(clicks) },
    { label: "Bots’ opens", isNumber: true, cell: ({ bots }) => formatCount(bots.opened) },
    { label: "Bots’ clicks", isNumber: true, cell: ({ bots }) => formatCount(bots.clicks) },
  ];
  return (
    <Section
      title={title}
      note={[
        "Opens and clicks, not messages. Image proxies hide the device.",
        cutNote(rows, "most frequent"),
        archivedNote(rows),
      ].join("")}
    >
      {rows.data.length === 0 ? (
        <p>{emptyWords(rows, "Nothing was opened or clicked yet.")}</p>
      ) : (
        <div class="dense">
          <DataTable caption={title} columns={columns} rows={rows.data} />
        </div>
      )}
    </Section>
  );
}

function deviceWords({ platform, device }: DeviceRow): string {
  const words = [device, platform].filter((word) => word !== null);
  return words.length === 0 ? "Not known" : words.join(", ");
}

const DOMAINS_NOTE =
  "Delivered and bounced are shares of sent, the others of delivered. Apple’s own domains have few opens because its " +
  "mail privacy proxy hides them.";

export function Domains({ rows }: { readonly rows: OrTooLarge<FirstRows<DomainRow>> }) {
  const title = "Recipient domains";
  if ("tooLarge" in rows) return <TooLarge title={title} message={rows.tooLarge} />;
  const columns: readonly Column<DomainRow>[] = [
    { label: "Domain", isName: true, cell: ({ domain }) => domain ?? "No address known" },
    { label: "Sent", isNumber: true, cell: ({ sent }) => formatCount(sent) },
    { label: "Delivered", isNumber: true, cell: ({ rates }) => formatShare(rates.delivered) },
    { label: "Opened", isNumber: true, cell: (row) => <DomainOpened row={row} /> },
    { label: "Clicked", isNumber: true, cell: ({ rates }) => formatShare(rates.clicked) },
    { label: "Bounced", isNumber: true, cell: ({ rates }) => formatShare(rates.bounced) },
  ];
  return (
    <Section title={title} note={DOMAINS_NOTE + cutNote(rows, "largest") + archivedNote(rows)}>
      <div class="dense">
        <DataTable caption={title} columns={columns} rows={rows.data} />
      </div>
    </Section>
  );
}

function DomainOpened({ row: { proxiedOpens, rates } }: { readonly row: DomainRow }) {
  return (
    <>
      {formatShare(rates.opened)}
      {proxiedOpens ? <span class="part">without Apple’s proxy</span> : null}
    </>
  );
}

const EACH_BOUNCE = "Every bounce of every attempt counts, also where the message was delivered later.";

export function Bounces({ rows }: { readonly rows: OrTooLarge<FirstRows<BounceRow>> }) {
  const title = "Bounces";
  if ("tooLarge" in rows) return <TooLarge title={title} message={rows.tooLarge} />;
  const columns: readonly Column<BounceRow>[] = [
    { label: "Reason", isName: true, cell: ({ reason, type }) => reasonWords(reason, type) },
    { label: "Status code", cell: ({ status }) => status ?? "–" },
    { label: "What servers say", cell: ({ words }) => <span dir="auto">{words === "" ? "–" : words}</span> },
    { label: "Bounces", isNumber: true, cell: ({ bounces }) => formatCount(bounces) },
  ];
  return (
    <Section
      title={title}
      note={`${EACH_BOUNCE} ${BOUNCE_WORDS_MEAN}${cutNote(rows, "most frequent")}${archivedNote(rows)}`}
    >
      {rows.data.length === 0 ? (
        <p>{emptyWords(rows, "None was reported.")}</p>
      ) : (
        <div class="dense">
          <DataTable caption={title} columns={columns} rows={rows.data} />
        </div>
      )}
    </Section>
  );
}

function reasonWords(reason: BounceRow["reason"], type: BounceRow["type"]) {
  return (
    <>
      {BOUNCE_WORDS[reason]}
      <span class="part">{type === "hard_bounced" ? "hard" : "soft"}</span>
    </>
  );
}
