/**
 * The page of an email, and that of a campaign with all of its emails: what became of its messages, when they were
 * opened and clicked, the links, who did what. Every number is of the messages that were sent in the page's period.
 */
import type { Child } from "hono/jsx";
import { EmptyState, Section } from "../web/components/content.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { type Grouping, type GroupRow, groupTable } from "./group-table.tsx";
import { LinksTable } from "./links-table.tsx";
import { detailsOf, type Groups, groupsOf, linksOf, mailingCounts, mailingName } from "./mailing.ts";
import { OpensInCourse } from "./mailing-course.tsx";
import { Bounces, cutNote, Devices, Domains, OpenHours, WhatBecame } from "./mailing-sections.tsx";
import { type MailingView, mailingView, sameMessages } from "./mailing-view.ts";
import { mailingPath, nameOf } from "./message-parts.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { PeriodPicker, periodPhrase, ShowAllTime } from "./period-picker.tsx";
import { ABOUT_LISTS, DID, type Did } from "./recipients.tsx";
import type { Visit } from "./visit.ts";

const CAMPAIGNS = 20;
const EMAILS = 50;

export const emailPage: DashboardPage = pageOf("email");
export const campaignPage: DashboardPage = pageOf("campaign");

function pageOf(by: Grouping): DashboardPage {
  return {
    path: `/${by}s/:${by}`,
    scope: "read",
    show: async (visit) => {
      const view = mailingView(visit, by);
      const row = await mailingCounts(visit, view);
      const links = await linksOf(visit, view);
      const of = { visit, view, links };
      return row === undefined ? await unsent(of) : await sentPage(of, row);
    },
  };
}

interface Shown {
  readonly visit: Visit;
  readonly view: MailingView;
  readonly links: Awaited<ReturnType<typeof linksOf>>;
}

async function sentPage({ visit, view, links }: Shown, row: GroupRow): Promise<PageContent> {
  const { by, id, mailing, period } = view;
  const { url, zone } = visit;
  const emails = by === "email" ? { data: [] } : await groupsOf(visit, view, "email", EMAILS);
  const others = by === "email" ? await campaignsOf(visit, view) : <Emails visit={visit} view={view} emails={emails} />;
  const { opens, devices, domains, bounces } = await detailsOf(visit, view, row, emails.data.length > 1);
  const title = nameOf(row[by] ?? { id }, by);
  return {
    title,
    heading: <bdi>{title}</bdi>,
    lede: <SentWhen visit={visit} view={view} row={row} />,
    tools: (
      <>
        <PeriodPicker period={period} url={url} hasAll />
        <a href={sameMessages(url, "/app/messages", { bots: undefined, ...mailing })}>Messages</a>
        {by === "email" ? <a href={sameMessages(url, "/app/compare", { email: id })}>Compare</a> : null}
      </>
    ),
    body: (
      <>
        <WhatBecame row={row} url={url} />
        {by === "campaign" ? others : null}
        <People visit={visit} view={view} />
        {opens === undefined || row.firstSentAt === null ? null : (
          <OpensInCourse
            course={opens.course}
            firstSentAt={row.firstSentAt}
            visit={visit}
            isOfPeriod={period.choice !== "all"}
            emails={emails.data}
            hasLater={Date.parse(row.lastSentAt ?? row.firstSentAt) >= opens.course.endMs}
          />
        )}
        <Links visit={visit} view={view} links={links} />
        {opens?.week === undefined ? null : <OpenHours activity={opens.week} zone={zone} />}
        {by === "email" ? others : null}
        <Domains rows={domains} />
        <Devices rows={devices} />
        <Bounces rows={bounces} />
      </>
    ),
  };
}

/** Nothing was sent; links may have been described before. */
async function unsent({ visit, view, links }: Shown): Promise<PageContent> {
  const { by, id, period } = view;
  const { url } = visit;
  const isOfAll = period.choice === "all";
  const title = isOfAll ? nameOf({ id }, by) : await mailingName(visit, by, id);
  return {
    title,
    heading: <bdi>{title}</bdi>,
    ...(isOfAll && period.problem === undefined ? {} : { tools: <PeriodPicker period={period} url={url} hasAll /> }),
    body: (
      <>
        {isOfAll ? (
          <EmptyState title={`No message of this ${by} is known`}>
            <p>
              Its id may be wrong, or nothing was sent yet.{" "}
              <a href={`/app/${by}s`}>{by === "email" ? "All emails" : "All campaigns"}</a>
            </p>
          </EmptyState>
        ) : (
          <EmptyState title={`No message of this ${by} was sent in this period`}>
            <ShowAllTime url={url} />
          </EmptyState>
        )}
        {links.data.length === 0 ? null : <Links visit={visit} view={view} links={links} />}
      </>
    ),
  };
}

interface SentWhenProps {
  readonly visit: Visit;
  readonly view: MailingView;
  readonly row: GroupRow;
}

/** "Id 1042, sent from 5 Nov 2026, 09:00 to 6 Nov 2026, 10:30", which with a period are the first and last in it. */
function SentWhen({
  visit: { zone },
  view: { id, period },
  row: { firstSentAt: first, lastSentAt: last },
}: SentWhenProps) {
  const of = period.choice === "all" ? "" : `Only messages sent ${periodPhrase(period)}. `;
  if (first === null || last === null) return <>{`${of}Id ${id}`}</>;
  return (
    <>
      {`${of}Id ${id}, sent `}
      {first === last ? "" : "from "}
      <LocalTime at={first} zone={zone} />
      {first === last ? null : (
        <>
          {" to "}
          <LocalTime at={last} zone={zone} />
        </>
      )}
    </>
  );
}

async function campaignsOf(visit: Visit, view: MailingView): Promise<Child> {
  const { url } = visit;
  const rows = await groupsOf(visit, view, "campaign", CAMPAIGNS);
  if (rows.data.length < 2) return null;
  const hrefOf = (id: string) => sameMessages(url, mailingPath("campaign", id));
  return (
    <Section title="Campaigns" note={`Numbers are of this email.${cutNote(rows, "latest")}`}>
      {groupTable({ caption: "Campaigns", by: "campaign", rows: rows.data, visit, hrefOf })}
    </Section>
  );
}

const OF_CAMPAIGN = "Numbers and click maps are of this campaign; an email’s page is of all campaigns.";

interface EmailsProps {
  readonly visit: Visit;
  readonly view: MailingView;
  readonly emails: Groups;
}

function Emails({ visit, view, emails }: EmailsProps) {
  const { url } = visit;
  const hrefOf = (id: string) => sameMessages(url, mailingPath("email", id));
  const mapOf = (id: string) => sameMessages(url, `${mailingPath("email", id)}/clicks`, { campaign: view.id });
  return (
    <Section title="Emails" note={`${OF_CAMPAIGN}${cutNote(emails, "latest")}`}>
      {groupTable({ caption: "Emails of this campaign", by: "email", rows: emails.data, visit, hrefOf, mapOf })}
    </Section>
  );
}

function Links({ visit: { url }, view: { by, id, mailing, span, bots }, links }: Shown) {
  const file = new URLSearchParams({ ...mailing, ...span, bots });
  const note =
    by === "email"
      ? "Clicks, and people who clicked. Several links to one address are a row each."
      : "Of all emails of this campaign. A link that several have is one row, and who clicked it in several is one " +
        "person. Several links of one email to one address are a row each.";
  return (
    <Section
      title="Links"
      note={`${note} Links that only bots clicked are listed, too.${cutNote(links, "most clicked")}`}
      tools={
        <>
          {by === "email" ? (
            <a href={sameMessages(url, `${mailingPath(by, id)}/clicks`)}>Show them on the email</a>
          ) : null}
          <a href={`/app/files/reports/links.csv?${file}`}>CSV</a>
        </>
      }
    >
      {links.data.length === 0 ? (
        <p>No link was clicked or described yet.</p>
      ) : (
        <LinksTable links={links.data} by={by} />
      )}
    </Section>
  );
}

const WHO: Readonly<Record<Did, string>> = {
  opened: "Who opened",
  clicked: "Who clicked",
  opened_by_bots: "Who may have read it",
  not_opened: "Who did nothing",
};

function People({ visit: { url }, view: { by, id, mailing, span, bots } }: Omit<Shown, "links">) {
  return (
    <Section title="Who opened and clicked" note={ABOUT_LISTS}>
      <ul class="people">
        {(Object.keys(DID) as readonly Did[]).map((did) => (
          <li>
            <a href={sameMessages(url, `${mailingPath(by, id)}/recipients`, { did })}>{WHO[did]}</a>{" "}
            <a
              href={`/app/files/reports/recipients.csv?${new URLSearchParams({ ...mailing, did, ...span, bots })}`}
              aria-label={`${WHO[did]}, as CSV`}
            >
              CSV
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
