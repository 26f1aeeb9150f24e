/** The lists of emails and of campaigns: what was sent in a period, by name, sorted, page by page. */
import { EmptyState, Pager, Section, withParameters } from "../web/components/content.tsx";
import { FilterForm, KeptParameters, TextField } from "../web/components/form.tsx";
import { Choices } from "./choices.tsx";
import { opensNote } from "./count-parts.tsx";
import { type Grouping, groupTable } from "./group-table.tsx";
import { inPeriod } from "./mailing-view.ts";
import { MAILING_LABELS, mailingPath } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { type AllTime, chosenQuery, type Period, type Preset, periodOrAll } from "./period.ts";
import { PeriodPicker, periodPhrase, ShowAllTime } from "./period-picker.tsx";
import { BotsSwitch, botsIn } from "./report-choices.tsx";
import { answered, pageQuery } from "./visit.ts";

const BY_DEFAULT: Preset = "quarter";
const ROWS = 25;
/** Points of the line that shows when messages were sent. */
const TREND = 30;

const SORTS = {
  sent_at: "Latest",
  sent: "Most sent",
  opened: "Open rate",
  clicked: "Click rate",
  unsubscribed: "Unsubscribe rate",
} as const;
type Sort = keyof typeof SORTS;

export const emails: DashboardPage = listPage("email");
export const campaigns: DashboardPage = listPage("campaign");

function listPage(by: Grouping): DashboardPage {
  const title = `${MAILING_LABELS[by]}s`;
  return {
    path: `/${by}s`,
    scope: "read",
    show: async (visit) => {
      const { api, url } = visit;
      const sort = sortIn(url.searchParams.get("sort"));
      const bots = botsIn(url);
      const name = nameIn(url);
      // Whoever looks for a name may not know when it was sent.
      const byDefault = name === "" ? BY_DEFAULT : "all";
      const period = periodOrAll(url.searchParams, visit.zone, visit.nowMs, byDefault);
      const chosen = { by, sort, bots, ...chosenQuery(period), ...(name === "" ? {} : { name }) };
      // All time has no beginning for the line to start at.
      const trend = period.choice === "all" ? {} : { trend: TREND };
      const page = { ...pageQuery(url, ROWS), ...trend };
      const { data, next } = await answered(
        api.GET("/v1/reports/emails", { params: { query: { ...chosen, ...page } } }),
      );
      const hrefOf = (id: string) => inPeriod(url, period, mailingPath(by, id));
      return {
        title,
        tools: <PeriodPicker period={period} url={url} hasAll />,
        lede: ledeOf(title, period),
        body: (
          <>
            <NameSearch by={by} url={url} />
            <Section
              title={`${title}${name === "" ? "" : " found"}, ${SORTED_BY[sort]}`}
              note={
                <>
                  {name === "" ? null : <Found by={by} url={url} />}
                  Delivered and bounced are shares of what was sent, the others of delivered; each message counts once.
                  {bots === "include" ? " What bots did counts like a person’s." : " What bots did does not count."}
                  {` ${opensNote(bots)}`}
                  {isRate(sort)
                    ? ` By rate, ${by}s with few messages may come first: one person changes their rate a lot.`
                    : ""}
                </>
              }
              tools={<ListTools url={url} sort={sort} file={new URLSearchParams(chosen)} />}
            >
              {data.length === 0 ? (
                <NothingFound by={by} url={url} isOfAll={period.choice === "all"} />
              ) : (
                groupTable({ caption: title, by, rows: data, visit, hrefOf })
              )}
              <Pager next={next} url={url} />
            </Section>
          </>
        ),
      };
    },
  };
}

interface ListToolsProps {
  readonly url: URL;
  readonly sort: Sort;
  /** The query of the same list as a file. */
  readonly file: URLSearchParams;
}

function ListTools({ url, sort, file }: ListToolsProps) {
  return (
    <>
      <Choices
        name="What comes first"
        choices={Object.entries(SORTS).map(([value, text]) => ({
          text,
          href: withParameters(url, { sort: value === "sent_at" ? undefined : value, cursor: undefined }),
          isChosen: value === sort,
        }))}
      />
      <BotsSwitch url={url} />
      <a href={`/app/files/reports/emails.csv?${file}`}>CSV</a>
    </>
  );
}

function ledeOf(title: string, period: Period | AllTime): string {
  if (period.choice === "all") return `${title} of all time.`;
  return `${title} with a message sent ${periodPhrase(period)}; numbers are of the messages sent then.`;
}

const MAX_NAME_CHARS = 255;

function nameIn({ searchParams }: URL): string {
  return (searchParams.get("name") ?? "").trim();
}

interface ListProps {
  readonly by: Grouping;
  readonly url: URL;
}

function NameSearch({ by, url }: ListProps) {
  return (
    <FilterForm path={`/app/${by}s`} button="Search">
      <KeptParameters url={url} except={["name", "cursor"]} />
      <TextField
        label={`${MAILING_LABELS[by]}’s name or id`}
        name="name"
        type="search"
        value={nameIn(url)}
        maxLength={MAX_NAME_CHARS}
      />
    </FilterForm>
  );
}

function Found({ by, url }: ListProps) {
  return (
    <>
      With “<bdi>{nameIn(url)}</bdi>” in the name, or as the id: see{" "}
      <a href={withParameters(url, { name: undefined, cursor: undefined })}>all {by}s</a>.{" "}
    </>
  );
}

function NothingFound({ by, url, isOfAll }: ListProps & { readonly isOfAll: boolean }) {
  const name = nameIn(url);
  const found = name === "" ? `No ${by} was sent` : `No ${by} that was sent has this in its name`;
  return (
    <EmptyState title={isOfAll ? found : `${found} in this period`}>
      {isOfAll ? null : <ShowAllTime url={url} />}
      {name === "" ? <p>An email is here as soon as one of its messages is reported as sent.</p> : null}
    </EmptyState>
  );
}

const SORTED_BY: Readonly<Record<Sort, string>> = {
  sent_at: "the latest first",
  sent: "the most sent first",
  opened: "the highest open rate first",
  clicked: "the highest click rate first",
  unsubscribed: "the highest unsubscribe rate first",
};

const isRate = (sort: Sort) => sort !== "sent_at" && sort !== "sent";

function sortIn(text: string | null): Sort {
  return text !== null && Object.hasOwn(SORTS, text) ? (text as Sort) : "sent_at";
}
