/**
 * Deliverability: by recipient domain what was delivered, deferred and refused, complaints against the limits of Gmail
 * and Yahoo, and the mail servers' words.
 */
import type { Schemas } from "../client/index.ts";
import { BarChart } from "../web/charts/index.ts";
import { EmptyState, Notice, Pager, Section, withParameters } from "../web/components/content.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { formatCount, formatShare } from "../web/format.ts";
import { archivedNote, emptyWords } from "./archived-words.ts";
import { BOUNCE_WORDS, BOUNCE_WORDS_MEAN } from "./bounce-reasons.ts";
import type { DashboardPage } from "./page.ts";
import { listQuery, type Preset, periodOf } from "./period.ts";
import { PeriodPicker } from "./period-picker.tsx";
import { answered, pageQuery, type Visit } from "./visit.ts";

/** Gmail and Yahoo ask senders to stay below the first, and refuse mail from those at the second. */
const COMPLAINTS = { asked: 0.001, refused: 0.003 } as const;
/** With fewer delivered messages, a single complaint is more than the limit. */
const MIN_DELIVERED = 1_000;
const BY_DEFAULT: Preset = "month";
/** Different replies that are counted by reason, and of them those that are shown. */
const MAX_WORDS = 1_000;
const SHOWN_WORDS = 50;

export const deliverability: DashboardPage = {
  path: "/deliverability",
  scope: "read",
  show: async (visit) => {
    const { api, url, zone, nowMs } = visit;
    const period = periodOf(url.searchParams, zone, nowMs, BY_DEFAULT);
    const span = listQuery(period);
    const domain = url.searchParams.get("domain");
    // One after the other: `/v1` reads one report at a time.
    const domains = await answered(
      api.GET("/v1/reports/domains", {
        params: { query: { ...span, ...pageQuery(url, 50) } },
      }),
    );
    const bounces = await answered(
      api.GET("/v1/reports/bounces", {
        params: { query: { ...span, limit: MAX_WORDS, ...(domain === null ? {} : { domain }) } },
      }),
    );
    const body =
      domains.data.length === 0 ? (
        <NoDomains archived={domains.archived ?? 0} />
      ) : (
        <>
          <Domains rows={domains.data} archived={domains.archived ?? 0} url={url} />
          <Pager next={domains.next} url={url} />
          <Refusals visit={visit} bounces={bounces} domain={domain} />
        </>
      );
    return {
      title: "Deliverability",
      lede: "Whether mail servers take your mail, by the domain of the recipient’s address.",
      tools: <PeriodPicker period={period} url={url} />,
      body,
    };
  },
};

type DomainRow = Schemas["DomainsReportRow"];
type BounceRow = Schemas["BouncesReportRow"];

function NoDomains({ archived }: { readonly archived: number }) {
  if (archived > 0) return <EmptyState title="Mail of this time is archived">{archivedNote({ archived })}</EmptyState>;
  return (
    <EmptyState title="No mail was sent in this time">
      <p>Choose a longer time, or report what your mail servers say: docs/events.md.</p>
    </EmptyState>
  );
}

interface DomainsProps {
  readonly rows: readonly DomainRow[];
  readonly archived: number;
  readonly url: URL;
}

function Domains({ rows, archived, url }: DomainsProps) {
  const columns: readonly Column<DomainRow>[] = [
    { label: "Domain", isName: true, cell: ({ domain }) => <DomainLink domain={domain} url={url} /> },
    { label: "Sent", isNumber: true, cell: ({ sent }) => formatCount(sent) },
    { label: "Delivered", isNumber: true, cell: ({ delivered, sent }) => <Part part={delivered} whole={sent} /> },
    { label: "Deferred", isNumber: true, cell: ({ deferred, sent }) => <Part part={deferred} whole={sent} /> },
    {
      label: "Hard bounced",
      isNumber: true,
      cell: ({ hardBounced, sent }) => <Part part={hardBounced} whole={sent} />,
    },
    { label: "Blocked", isNumber: true, cell: ({ blocked }) => formatCount(blocked) },
    { label: "Complaints", isNumber: true, cell: (row) => <Complaints row={row} /> },
  ];
  return (
    <Section
      title="By recipient domain"
      note={
        <>
          Messages, by their latest outcome. “Deferred” bounced softly at least once, whatever became of them; “blocked”
          bounced hard because of their sender or content. Complaints are of delivered messages: Gmail and Yahoo ask for
          less than 0.1%, and refuse senders at 0.3%. Gmail reports none to senders; see its Postmaster Tools.
          {archivedNote({ archived })}
        </>
      }
    >
      <DataTable caption="Outcomes by recipient domain" columns={columns} rows={rows} />
    </Section>
  );
}

function DomainLink({ domain, url }: { readonly domain: string | null; readonly url: URL }) {
  if (domain === null) return <>No address known</>;
  return <a href={`${withParameters(url, { domain, cursor: undefined })}#refusals`}>{domain}</a>;
}

function Part({ part, whole }: { readonly part: number; readonly whole: number }) {
  return (
    <>
      {formatCount(part)} <span class="share">{formatShare(part, whole)}</span>
    </>
  );
}

function Complaints({ row: { complained, delivered, rates } }: { readonly row: DomainRow }) {
  const warning = delivered < MIN_DELIVERED ? undefined : complaintWarning(rates.complained ?? 0);
  return (
    <>
      <Part part={complained} whole={delivered} />
      {warning === undefined ? null : <span class={`tag ${warning.kind}`}>{warning.words}</span>}
    </>
  );
}

/** Which limit of `COMPLAINTS` a rate is at or over. */
function complaintWarning(rate: number) {
  if (rate >= COMPLAINTS.refused) return { kind: "bad", words: "over 0.3%" } as const;
  if (rate >= COMPLAINTS.asked) return { kind: "warning", words: "over 0.1%" } as const;
  return undefined;
}

const EACH_BOUNCE = "Every bounce of every attempt counts. Replies that differ only in numbers and names are one row.";

interface RefusalsProps {
  readonly visit: Visit;
  readonly bounces: {
    readonly data: readonly BounceRow[];
    /** There when there are more rows. */
    readonly next?: string;
    readonly archived?: number;
  };
  /** The domain; null: all domains together. */
  readonly domain: string | null;
}

function Refusals({ visit: { url }, bounces, domain }: RefusalsProps) {
  const { data: rows, next } = bounces;
  const columns: readonly Column<BounceRow>[] = [
    { label: "What the mail server said", isName: true, cell: ({ words }) => <Words words={words} /> },
    { label: "Reason", cell: ({ reason }) => BOUNCE_WORDS[reason] },
    { label: "Status code", cell: ({ status }) => status ?? "" },
    { label: "Kind", cell: ({ type }) => (type === "hard_bounced" ? "Hard bounce" : "Soft bounce") },
    { label: "Bounces", isNumber: true, cell: ({ bounces }) => formatCount(bounces) },
  ];
  const all = rows.reduce((sum, { bounces }) => sum + bounces, 0);
  return (
    <Section
      id="refusals"
      title={domain === null ? "Why mail bounced" : `Why mail to ${domain} bounced`}
      note={`${EACH_BOUNCE} ${BOUNCE_WORDS_MEAN}${archivedNote(bounces)}`}
      tools={domain === null ? undefined : <a href={withParameters(url, { domain: undefined })}>All domains</a>}
    >
      {rows.length === 0 ? (
        <EmptyState title={emptyWords(bounces, "Nothing bounced")} />
      ) : (
        <>
          <BarChart
            title="Bounces by reason"
            labelName="Reason"
            valueName="Bounces"
            rows={byReason(rows)}
            whole={{ count: all, noun: "bounces" }}
          />
          <DataTable caption="Bounces by the servers’ words" columns={columns} rows={rows.slice(0, SHOWN_WORDS)} />
          <Rest rows={rows} isCut={next !== undefined} />
          <Hints rows={rows} />
        </>
      )}
    </Section>
  );
}

/** Says what the table leaves out. */
function Rest({ rows, isCut }: { readonly rows: readonly BounceRow[]; readonly isCut: boolean }) {
  if (rows.length <= SHOWN_WORDS) return null;
  const all = isCut ? `more than ${formatCount(rows.length)}` : formatCount(rows.length);
  return (
    <p class="note">
      The {formatCount(SHOWN_WORDS)} most frequent of {all} replies. <a href="/app/exports">All of them as a file</a>
    </p>
  );
}

function Words({ words }: { readonly words: string }) {
  return words === "" ? <>Nothing</> : <span dir="auto">{words}</span>;
}

function byReason(rows: readonly BounceRow[]) {
  const counts = new Map<BounceRow["reason"], number>();
  for (const { reason, bounces } of rows) counts.set(reason, (counts.get(reason) ?? 0) + bounces);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, value]) => ({ label: BOUNCE_WORDS[reason], value }));
}

function Hints({ rows }: { readonly rows: readonly BounceRow[] }) {
  const isAboutSender = rows.some(({ reason }) => reason === "rate_limited" || reason === "blocked");
  const isGreylisted = rows.some(({ reason }) => reason === "greylisted");
  return (
    <>
      {isAboutSender ? (
        <Notice kind="note">
          <p>
            Some servers put your mail off or refuse it because of its sender. Look at authentication (SPF, DKIM,
            DMARC), send more slowly, and leave out people who have not answered in any way for long: no click, no
            order, no sign-in. A missing open says little: Apple’s mail privacy proxy hides opens.
          </p>
        </Notice>
      ) : null}
      {isGreylisted ? (
        <Notice kind="note">
          <p>
            Greylisting is normal: a server defers mail of a sender that is new to it, and takes the next attempt. There
            is nothing to do.
          </p>
        </Notice>
      ) : null}
    </>
  );
}
