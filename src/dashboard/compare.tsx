/** Emails side by side: what became of each, as `/v1` counts it, of the same period. */
import { EmptyState, Notice, Section, withParameters } from "../web/components/content.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { cutText } from "../web/cut-text.ts";
import { formatCount } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import { AgesNotice, ageWords } from "./compared-ages.tsx";
import { bouncedOf, opensNote, ShareAndCount, ShareBar } from "./count-parts.tsx";
import { type GroupRow, groupTable } from "./group-table.tsx";
import { mailingName } from "./mailing.ts";
import { inPeriod, sameMessages } from "./mailing-view.ts";
import { mailingPath, nameOf } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { chosenQuery, periodOrAll } from "./period.ts";
import { PeriodPicker, periodPhrase } from "./period-picker.tsx";
import { BotsSwitch, botsIn } from "./report-choices.tsx";
import { answered, type Visit } from "./visit.ts";

/** More do not fit side by side. */
const MAX_COMPARED = 4;
/** Emails to choose from. */
const OFFERED = 15;

/** The most characters of a name over its column; the whole one is above. */
const MAX_NAME = 20;

interface Compared {
  readonly id: string;
  readonly name: string;
  /** Undefined when nothing of it was sent in the period. */
  readonly row: GroupRow | undefined;
}

export const compare: DashboardPage = {
  path: "/compare",
  scope: "read",
  show: async (visit) => {
    const { url, zone, nowMs } = visit;
    const period = periodOrAll(url.searchParams, zone, nowMs, "all");
    const query = { bots: botsIn(url), ...chosenQuery(period) };
    const asked = [...new Set(url.searchParams.getAll("email"))];
    const ids = asked.slice(0, MAX_COMPARED);
    const compared: Compared[] = [];
    // One after the other: `/v1` reads one report at a time.
    for (const id of ids) {
      const [row] = await rowsOf(visit, { ...query, email: id, limit: 1 });
      const name = row?.email === undefined ? await mailingName(visit, "email", id) : nameOf(row.email, "email");
      compared.push({ id, name, row });
    }
    const offered =
      ids.length >= MAX_COMPARED ? [] : await rowsOf(visit, { ...query, sort: "sent_at", limit: OFFERED });
    const others = offered.filter(({ email }) => !ids.includes(String(email?.id)));
    return {
      title: "Compare emails",
      tools: <PeriodPicker period={period} url={url} hasAll />,
      lede: `Messages sent ${periodPhrase(period)}, as each email is now.`,
      body: (
        <>
          <LeftOver count={asked.length - ids.length} first={asked[MAX_COMPARED]} />
          {compared.length === 0 ? null : <SideBySide compared={compared} visit={visit} />}
          {others.length === 0 ? null : (
            <Section
              title={compared.length === 0 ? "Choose an email" : "Add another one"}
              note={`The latest emails. Up to ${MAX_COMPARED} stand side by side.`}
              tools={<a href={inPeriod(url, period, "/app/emails")}>All emails</a>}
            >
              {groupTable({
                caption: "Emails to compare",
                by: "email",
                rows: others,
                visit,
                hrefOf: (id) => sameMessages(url, mailingPath("email", id)),
                addOf: (id) => added(url, id),
              })}
            </Section>
          )}
          {compared.length === 0 && others.length === 0 ? (
            <EmptyState title="No email was sent in this period" />
          ) : null}
        </>
      ),
    };
  },
};

/** What the page says where its address has more emails than there is room for. */
function LeftOver({ count, first }: { readonly count: number; readonly first: string | undefined }) {
  if (count <= 0) return null;
  return (
    <Notice kind="warning">
      {`Only ${MAX_COMPARED} emails fit side by side. Not shown: `}
      <bdi>{first}</bdi>
      {count === 1 ? "" : ` and ${count - 1} more`}. Take an email out to make room.
    </Notice>
  );
}

interface RowsQuery {
  readonly email?: string;
  readonly bots: "exclude" | "include";
  readonly sort?: "sent_at";
  readonly limit: number;
}

async function rowsOf({ api }: Visit, query: RowsQuery): Promise<readonly GroupRow[]> {
  return (await answered(api.GET("/v1/reports/emails", { params: { query: { by: "email", ...query } } }))).data;
}

function added(url: URL, id: string): string {
  const target = new URL(url);
  target.searchParams.append("email", id);
  return target.pathname + target.search;
}

function without(url: URL, id: string): string {
  const target = new URL(withParameters(url, { email: undefined }), url);
  const left = url.searchParams.getAll("email").filter((each) => each !== id);
  for (const each of left) target.searchParams.append("email", each);
  return target.pathname + target.search;
}

interface Measure {
  readonly label: string;
  readonly of: (row: GroupRow) => { readonly count: number; readonly share?: number | null };
  /** What the share is of. */
  readonly whole?: string;
}

const MEASURES: readonly Measure[] = [
  { label: "Sent", of: ({ sent }) => ({ count: sent }) },
  { label: "Delivered", whole: "sent", of: ({ delivered, rates }) => ({ count: delivered, share: rates.delivered }) },
  { label: "Opened", whole: "delivered", of: ({ opened, rates }) => ({ count: opened, share: rates.opened }) },
  { label: "Clicked", whole: "delivered", of: ({ clicked, rates }) => ({ count: clicked, share: rates.clicked }) },
  { label: "Clicked", whole: "opened", of: ({ clicked, rates }) => ({ count: clicked, share: rates.clickedOfOpened }) },
  {
    label: "Unsubscribed",
    whole: "delivered",
    of: ({ unsubscribed, rates }) => ({ count: unsubscribed, share: rates.unsubscribed }),
  },
  {
    label: "Complained",
    whole: "delivered",
    of: ({ complained, rates }) => ({ count: complained, share: rates.complained }),
  },
  {
    label: "Bounced",
    whole: "sent",
    of: (row) => ({ count: bouncedOf(row), share: row.rates.bounced }),
  },
];

interface SideBySideProps {
  readonly compared: readonly Compared[];
  readonly visit: Visit;
}

function SideBySide({ compared, visit }: SideBySideProps) {
  const { url, nowMs } = visit;
  const columns: readonly Column<Measure>[] = [
    {
      label: "Messages",
      isName: true,
      cell: ({ label, whole }) => (
        <>
          {label}
          {whole === undefined ? null : <span class="part">{`of ${whole}`}</span>}
        </>
      ),
    },
    ...compared.map(({ name, row }, index) => ({
      label: `${letterOf(index)}: ${cutText(name, MAX_NAME)}`,
      isNumber: true,
      cell: (measure: Measure) => <Measured measure={measure} row={row} />,
    })),
  ];
  return (
    <Section
      title="Side by side"
      tools={<BotsSwitch url={url} />}
      note={[
        "Each message counts once. The rates of a small email say little: one more person changes them a lot.",
        opensNote(botsIn(url)),
      ].join(" ")}
    >
      <ol class="compared">
        {compared.map((each, index) => (
          <ComparedEmail compared={each} letter={letterOf(index)} visit={visit} />
        ))}
      </ol>
      <AgesNotice nowMs={nowMs} emails={agedOf(compared)} />
      <div class="dense">
        <DataTable caption="Emails side by side" columns={columns} rows={MEASURES} />
      </div>
    </Section>
  );
}

function agedOf(compared: readonly Compared[]) {
  return compared.flatMap(({ row }, index) =>
    row?.firstSentAt == null || row.lastSentAt === null
      ? []
      : {
          letter: letterOf(index),
          firstSentMs: Date.parse(row.firstSentAt),
          lastSentMs: Date.parse(row.lastSentAt),
        },
  );
}

interface ComparedEmailProps {
  readonly compared: Compared;
  readonly letter: string;
  readonly visit: Visit;
}

/** "A: Spring, id 7, first sent 5 Nov 2026, 09:00, 24 days ago, last sent 6 Nov 2026" */
function ComparedEmail({ compared: { id, name, row }, letter, visit: { url, zone, nowMs } }: ComparedEmailProps) {
  const { firstSentAt: first = null, lastSentAt: last = null } = row ?? {};
  return (
    <li>
      {`${letter}: `}
      <a href={sameMessages(url, mailingPath("email", id))}>
        <bdi>{name}</bdi>
      </a>
      {first === null || last === null ? (
        ", of which nothing was sent then"
      ) : (
        <>
          {`, id ${id}, first sent `}
          <LocalTime at={first} zone={zone} />
          {`, ${ageWords(nowMs - Date.parse(first))} ago, last sent `}
          <LocalTime at={last} zone={zone} exact="day" />
        </>
      )}{" "}
      <a href={without(url, id)} aria-label={`Take out ${letter}`}>
        Take out
      </a>
    </li>
  );
}

function Measured({ measure: { of, whole }, row }: { readonly measure: Measure; readonly row: GroupRow | undefined }) {
  if (row === undefined) return <>–</>;
  const { count, share = null } = of(row);
  if (whole === undefined) return <>{formatCount(count)}</>;
  return (
    <>
      <ShareAndCount share={share} count={count} />
      <ShareBar share={share} />
    </>
  );
}

const letterOf = (index: number) => String.fromCharCode("A".charCodeAt(0) + index);
