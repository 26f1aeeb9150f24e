/** The lists of emails and of campaigns: what was sent in a period, sorted, page by page. */
import { EmptyState, Pager, Section, withParameters } from "../web/components/content.tsx";
import { Choices } from "./choices.tsx";
import { type Grouping, groupTable } from "./group-table.tsx";
import type { DashboardPage } from "./page.ts";
import { listQuery, type Preset, periodOf } from "./period.ts";
import { PeriodPicker, periodText } from "./period-picker.tsx";
import { BotsSwitch, botsIn } from "./report-choices.tsx";
import { answered } from "./visit.ts";

const BY_DEFAULT: Preset = "quarter";
const ROWS = 25;
/** Points of the line that shows when messages were sent. */
const TREND = 30;

const SORTS = {
  sent_at: "Latest",
  sent: "Most sent",
  opened: "Opened",
  clicked: "Clicked",
  unsubscribed: "Unsubscribed",
} as const;
type Sort = keyof typeof SORTS;

export const emails: DashboardPage = listPage("email");
export const campaigns: DashboardPage = listPage("campaign");

function listPage(by: Grouping): DashboardPage {
  const title = by === "email" ? "Emails" : "Campaigns";
  return {
    path: `/${by}s`,
    scope: "read",
    show: async ({ api, url, zone, nowMs }) => {
      const period = periodOf(url.searchParams, zone, nowMs, BY_DEFAULT);
      const sort = sortIn(url.searchParams.get("sort"));
      const bots = botsIn(url);
      const cursor = url.searchParams.get("cursor");
      const chosen = { by, sort, bots, ...listQuery(period) };
      const page = { limit: ROWS, trend: TREND, ...(cursor === null ? {} : { cursor }) };
      const { data, next } = await answered(
        api.GET("/v1/reports/emails", { params: { query: { ...chosen, ...page } } }),
      );
      return {
        title,
        tools: <PeriodPicker period={period} url={url} byDefault={BY_DEFAULT} />,
        lede: `${title} with a message sent from ${periodText(period)}; numbers are of the messages sent then.`,
        body: (
          <Section
            title={`${title}, ${SORTED_BY[sort]}`}
            note={[
              "Delivered and bounced are shares of what was sent, the others of delivered; each message counts once.",
              bots === "include" ? "What bots did counts like a person’s." : "What bots did does not count.",
            ].join(" ")}
            tools={
              <>
                <Choices
                  name="What comes first"
                  choices={Object.entries(SORTS).map(([name, text]) => ({
                    text,
                    href: withParameters(url, { sort: name === "sent_at" ? undefined : name, cursor: undefined }),
                    isChosen: name === sort,
                  }))}
                />
                <BotsSwitch url={url} />
                <a href={`/app/files/reports/emails.csv?${new URLSearchParams(chosen)}`}>CSV</a>
              </>
            }
          >
            {data.length === 0 ? (
              <EmptyState title={`No ${by} was sent in this period`}>
                <p>
                  <a href={withParameters(url, { period: "year", from: undefined, to: undefined, cursor: undefined })}>
                    Show the last 12 months
                  </a>
                </p>
                <p>An email is here as soon as one of its messages is reported as sent.</p>
              </EmptyState>
            ) : (
              groupTable({ caption: title, by, rows: data, zone, query: bots === "include" ? "?bots=include" : "" })
            )}
            <Pager next={next} url={url} />
          </Section>
        ),
      };
    },
  };
}

const SORTED_BY: Readonly<Record<Sort, string>> = {
  sent_at: "the latest first",
  sent: "the most sent first",
  opened: "the most opened first",
  clicked: "the most clicked first",
  unsubscribed: "the most unsubscribed from first",
};

function sortIn(text: string | null): Sort {
  return text !== null && Object.hasOwn(SORTS, text) ? (text as Sort) : "sent_at";
}
