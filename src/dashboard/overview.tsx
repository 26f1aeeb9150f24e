/** The overview: how mail does over a period, people apart from bots, against the period before. */
import type { Schemas } from "../client/index.ts";
import { LineChart, timeAxis } from "../web/charts/index.ts";
import { EmptyState, type FigureProps, Figures, Section, withParameters } from "../web/components/content.tsx";
import { LiveRegion } from "../web/components/live-region.tsx";
import { formatCount } from "../web/format.ts";
import { LocalTime } from "../web/local-time.tsx";
import { Choices } from "./choices.tsx";
import { bouncedOf, CountChange, LeftOut, ONLY_BOTS_OPENED, OPENS_NOTE, Rate, RateChange } from "./count-parts.tsx";
import { groupTable } from "./group-table.tsx";
import { liveAddress } from "./live.ts";
import { dayAt, zoneNamed } from "./local-dates.ts";
import { inPeriod } from "./mailing-view.ts";
import { mailingPath } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { type Period, type Preset, periodOf, spanQuery, type Unit, unitOf, unitsOf } from "./period.ts";
import { PeriodPicker, periodPhrase } from "./period-picker.tsx";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

type Bucket = Schemas["SeriesReportRow"];
type Counts = Omit<Bucket, "from" | "until" | "local">;

interface Series {
  readonly data: readonly Bucket[];
  readonly total: Counts;
}

const BY_DEFAULT: Preset = "month";
const LATEST = 6;

/** What the chart can show. */
const SHOWN = {
  sent: { label: "Sent", of: ({ sent }: Counts) => sent },
  delivered: { label: "Delivered", of: ({ delivered }: Counts) => delivered },
  opened: { label: "Opened", of: ({ opened }: Counts) => opened, bots: ({ bots }: Counts) => bots.opened },
  clicked: { label: "Clicked", of: ({ clicked }: Counts) => clicked, bots: ({ bots }: Counts) => bots.clicked },
  unsubscribed: { label: "Unsubscribed", of: ({ unsubscribed }: Counts) => unsubscribed },
  bounced: { label: "Bounced", of: (counts: Counts) => bouncedOf(counts) },
  complained: { label: "Complained", of: ({ complained }: Counts) => complained },
} as const;
type Shown = keyof typeof SHOWN;
type Rated = Exclude<Shown, "sent">;

export const overview: DashboardPage = {
  path: "",
  scope: "read",
  show: async (visit) => {
    const { api, zone, url, nowMs } = visit;
    const period = periodOf(url.searchParams, zone, nowMs, BY_DEFAULT);
    const asked = unitOf(period, url.searchParams.get("by"));
    const follow = await liveAddress(visit);
    const { by, now, before } = await coursesOf(visit, asked, period);
    const { data: campaigns } = await answered(
      api.GET("/v1/reports/emails", {
        params: { query: { by: "campaign", sort: "sent_at", limit: LATEST, ...spanQuery(period) } },
      }),
    );
    const hrefOf = (id: string) => inPeriod(url, period, mailingPath("campaign", id));
    return {
      title: "Overview",
      tools: <PeriodPicker period={period} url={url} />,
      lede: `Messages sent ${periodPhrase(period)}, and what has become of them since.`,
      body:
        campaigns.length === 0 && before.total.sent === 0 ? (
          <NothingSent url={url} isOfAllTime={await isFirstUse(visit)} />
        ) : (
          <LiveRegion id="overview" follow={follow}>
            <Totals visit={visit} period={period} now={now.total} before={before.total} />
            <Course visit={visit} period={period} by={by} isByHour={asked === "hour"} now={now} before={before} />
            <Section
              title="Latest campaigns"
              note="Those with a message sent in this period, the latest first; numbers are of those messages."
              tools={<a href={inPeriod(url, period, "/app/campaigns")}>All campaigns</a>}
            >
              {campaigns.length === 0 ? (
                <p>No campaign had a message in this period.</p>
              ) : (
                groupTable({ caption: "Latest campaigns", by: "campaign", rows: campaigns, visit, hrefOf })
              )}
            </Section>
          </LiveRegion>
        ),
    };
  },
};

async function seriesOf({ api, zone }: Visit, query: { by: Unit; since: string; until: string }): Promise<Series> {
  return await answered(api.GET("/v1/reports/series", { params: { query: { zone, ...query } } }));
}

interface Courses {
  readonly by: Unit;
  readonly now: Series;
  readonly before: Series;
}

/** The courses of the period and of the one before; in days where messages are archived, whose hours nobody knows. */
async function coursesOf(visit: Visit, by: Unit, period: Period): Promise<Courses> {
  try {
    // One after the other: `/v1` reads one report at a time.
    const now = await seriesOf(visit, { by, ...spanQuery(period) });
    return { by, now, before: await seriesOf(visit, { by, ...spanQuery(period.before) }) };
  } catch (error) {
    if (error instanceof ApiTrouble && error.code === "hours_archived") return await coursesOf(visit, "day", period);
    throw error;
  }
}

/** Whether no message was ever sent. */
async function isFirstUse({ api }: Visit): Promise<boolean> {
  return (await answered(api.GET("/v1/reports/emails", { params: { query: { limit: 1 } } }))).data.length === 0;
}

function NothingSent({ url, isOfAllTime }: { readonly url: URL; readonly isOfAllTime: boolean }) {
  if (isOfAllTime)
    return (
      <EmptyState title="No mail has been sent yet">
        <p>
          Send a decorated email, or report one to <code>POST /v1/events</code>: it shows here within a minute.
        </p>
        <p>
          <a href="/v1/docs">How the API is called</a>
        </p>
      </EmptyState>
    );
  return (
    <EmptyState title="No mail was sent in this period">
      <p>Nor in the one before it.</p>
      <p>
        <a href={withParameters(url, { period: "year", from: undefined, to: undefined })}>Show the last 12 months</a>
      </p>
    </EmptyState>
  );
}

interface TotalsProps {
  readonly visit: Visit;
  readonly period: Period;
  readonly now: Counts;
  readonly before: Counts;
}

function Totals({ visit: { url, zone }, period, now, before }: TotalsProps) {
  const listed = (sort: string) => inPeriod(url, period, "/app/emails", { sort });
  const deliverability = inPeriod(url, period, "/app/deliverability");
  const rated = (shown: Rated, of: string, href: string, leftOut?: FigureProps["detail"]): FigureProps => {
    const [rate, rateBefore] = [now.rates[shown], before.rates[shown]];
    const [count, countBefore] = [SHOWN[shown].of(now), SHOWN[shown].of(before)];
    const detail = (
      <>
        <Rate share={rate} of={of} />
        {before.sent === 0 ? null : (
          <RateChange now={{ count, rate }} before={{ count: countBefore, rate: rateBefore }} />
        )}
        {leftOut}
      </>
    );
    return { label: SHOWN[shown].label, value: formatCount(count), detail, href };
  };
  const { bots } = now;
  const sent: FigureProps = {
    label: SHOWN.sent.label,
    value: formatCount(now.sent),
    ...(before.sent === 0 ? {} : { detail: <CountChange now={now.sent} before={before.sent} /> }),
    href: listed("sent"),
  };
  const openedByBots = <LeftOut count={bots.opened} what={ONLY_BOTS_OPENED} />;
  const clickedByBots = <LeftOut count={bots.clicked} what="that only bots clicked" />;
  const figures = [
    sent,
    rated("delivered", "sent", deliverability),
    rated("opened", "delivered", listed("opened"), openedByBots),
    rated("clicked", "delivered", listed("clicked"), clickedByBots),
    rated("unsubscribed", "delivered", listed("unsubscribed")),
    rated("bounced", "sent", deliverability),
    rated("complained", "delivered", deliverability),
  ];
  return (
    <Section
      title="In numbers"
      note={<Before period={period} zone={zone} isEmpty={before.sent === 0} />}
      footnote={[
        "Each message counts once, however often it was opened. One that was opened, clicked or unsubscribed from was",
        `delivered, whatever a server said. Pending, sent less than three days ago: ${formatCount(now.pending)}.`,
        `No response, nothing heard in three days: ${formatCount(now.noResponse)}.`,
        OPENS_NOTE,
      ].join(" ")}
    >
      <div class="totals">
        <Figures figures={figures} />
      </div>
    </Section>
  );
}

interface BeforeProps {
  readonly period: Period;
  readonly zone: string;
  readonly isEmpty: boolean;
}

/** What "before" is, and why its numbers are not quite fair to those of the period. */
function Before({ period: { before, isGoingOn }, zone, isEmpty }: BeforeProps) {
  const [since, until] = [before.sinceMs, isGoingOn ? before.untilMs : before.untilMs - 1].map((ms) =>
    new Date(ms).toISOString(),
  );
  const exact = isGoingOn ? "minute" : "day";
  const [firstDay, lastDay] = [before.sinceMs, before.untilMs - 1].map((ms) => dayAt(zoneNamed(zone), ms));
  const when =
    !isGoingOn && firstDay === lastDay ? (
      <>
        on <LocalTime at={since ?? ""} zone={zone} exact={exact} />
      </>
    ) : (
      <>
        from <LocalTime at={since ?? ""} zone={zone} exact={exact} /> to{" "}
        <LocalTime at={until ?? ""} zone={zone} exact={exact} />
      </>
    );
  if (isEmpty) return <>Nothing was sent in the period before, {when}.</>;
  return (
    <>
      “Before” are messages sent in the period before, {when}; points are percentage points. Those messages have had
      longer to be opened, clicked and unsubscribed from: rates of the latest messages still rise.
    </>
  );
}

interface CourseProps extends Courses {
  readonly visit: Visit;
  readonly period: Period;
  /** Hours were asked for. */
  readonly isByHour: boolean;
}

const UNIT_NAMES: Readonly<Record<Unit, string>> = { hour: "Hours", day: "Days", week: "Weeks" };

function Course({ visit: { url }, period, by, isByHour, now, before }: CourseProps) {
  const shown = shownIn(url.searchParams.get("show"));
  const { label, of, ...more } = SHOWN[shown];
  const values = now.data.map(of);
  const countIn = (bucket: Counts | undefined) => (bucket === undefined ? null : of(bucket));
  const people = {
    label: "bots" in more ? `${label} by people` : label,
    values,
    // The period before may have an hour more, or less, where the clocks changed.
    ...(before.total.sent === 0 ? {} : { before: values.map((_, index) => countIn(before.data[index])) }),
  };
  const bots = "bots" in more ? [{ label: "By bots only", values: now.data.map(more.bots) }] : [];
  const title = `${label}, by when the message was sent`;
  return (
    <Section
      title={title}
      {...(isByHour && by === "day"
        ? { note: "By day: some of these messages are archived, without their hours." }
        : {})}
      tools={
        <>
          <Choices
            name="What the chart shows"
            choices={Object.entries(SHOWN).map(([name, { label: text }]) => ({
              text,
              href: withParameters(url, { show: name === "opened" ? undefined : name }),
              isChosen: name === shown,
            }))}
          />
          <Choices
            name="What a point of the chart is"
            choices={unitsOf(period).map((unit) => ({
              text: UNIT_NAMES[unit],
              href: withParameters(url, { by: unit }),
              isChosen: unit === by,
            }))}
          />
        </>
      }
    >
      <LineChart
        title={title}
        untitled
        axis={timeAxis(
          by,
          now.data.map(({ local }) => local),
        )}
        series={[people, ...bots]}
        isUnfinished={period.isGoingOn}
      />
    </Section>
  );
}

function shownIn(text: string | null): Shown {
  return text !== null && Object.hasOwn(SHOWN, text) ? (text as Shown) : "opened";
}
