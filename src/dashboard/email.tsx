/** An email: what became of its messages, when it was opened and clicked, its links, who did what. */
import { EmptyState, Section } from "../web/components/content.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { groupTable } from "./group-table.tsx";
import { LinksTable } from "./links-table.tsx";
import { detailsOf, groupsOf, mailingCounts } from "./mailing.ts";
import { Bounces, cutNote, Devices, Domains, FirstHours, OpenHours, WhatBecame } from "./mailing-sections.tsx";
import { nameOf } from "./message-parts.tsx";
import type { DashboardPage, PageContent } from "./page.ts";
import { botsIn } from "./report-choices.tsx";
import { answered, type Visit } from "./visit.ts";

const CAMPAIGNS = 20;
const LINKS = 50;

export const emailPage: DashboardPage = {
  path: "/emails/:email",
  scope: "read",
  show: async (visit) => {
    const { api, url, zone, params } = visit;
    const { email = "" } = params;
    const bots = botsIn(url);
    const row = await mailingCounts(visit, "email", { email });
    const links = await answered(api.GET("/v1/reports/links", { params: { query: { email, bots, limit: LINKS } } }));
    const mapped = <a href={`/app/emails/${encodeURIComponent(email)}/clicks${url.search}`}>Show them on the email</a>;
    const linksSection = (
      <Section
        title="Links"
        note={`Clicks, and people who clicked. Links that only bots clicked are here.${cutNote(links, "most clicked")}`}
        tools={
          <>
            {mapped}
            <a href={`/app/files/reports/links.csv?${new URLSearchParams({ email, bots })}`}>CSV</a>
          </>
        }
      >
        {links.data.length === 0 ? <p>No link was clicked or described yet.</p> : <LinksTable links={links.data} />}
      </Section>
    );
    if (row?.email === undefined) return unsent(email, links.data.length === 0 ? null : linksSection);
    const campaigns = await groupsOf(visit, "campaign", { email }, CAMPAIGNS);
    const { hours, week, devices, domains, bounces } = await detailsOf(visit, { email }, row.firstSentAt);
    return {
      title: nameOf(row.email, "Email"),
      heading: <bdi>{nameOf(row.email, "Email")}</bdi>,
      lede: <SentWhen visit={visit} id={email} first={row.firstSentAt} last={row.lastSentAt} />,
      tools: <a href={`/app/messages?email=${encodeURIComponent(email)}`}>Messages</a>,
      body: (
        <>
          <WhatBecame row={row} url={url} />
          <Recipients email={email} bots={bots} />
          {hours === undefined || row.firstSentAt === null ? null : (
            <FirstHours activity={hours} firstSentAt={row.firstSentAt} visit={visit} />
          )}
          {linksSection}
          {week === undefined ? null : <OpenHours activity={week} zone={zone} />}
          {campaigns.length < 2 ? null : (
            <Section title="Campaigns" note={`The latest that sent this email, ${CAMPAIGNS} at most.`}>
              {groupTable({ caption: "Campaigns", by: "campaign", rows: campaigns, zone, query: "" })}
            </Section>
          )}
          <Domains rows={domains} />
          <Devices rows={devices} />
          <Bounces rows={bounces} />
        </>
      ),
    };
  },
};

function unsent(email: string, links: PageContent["body"]): PageContent {
  return {
    title: `Email ${email}`,
    heading: <bdi>{`Email ${email}`}</bdi>,
    body: (
      <>
        <EmptyState title="No message of this email is known">
          <p>
            Its id may be wrong, or nothing was sent yet. <a href="/app/emails">All emails</a>
          </p>
        </EmptyState>
        {links}
      </>
    ),
  };
}

interface SentWhenProps {
  readonly visit: Visit;
  readonly id: string;
  readonly first: string | null;
  readonly last: string | null;
}

/** "Email 1042, sent 5 Nov 2026, 09:00, to 6 Nov 2026, 10:30" */
export function SentWhen({ visit: { zone }, id, first, last }: SentWhenProps) {
  if (first === null || last === null) return <>{`Id ${id}`}</>;
  return (
    <>
      {`Id ${id}, sent `}
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

const WHO = { opened: "Who opened it", clicked: "Who clicked", not_opened: "Who did neither" } as const;

function Recipients({ email, bots }: { readonly email: string; readonly bots: string }) {
  const query = (did: string) => new URLSearchParams({ email, did, bots });
  return (
    <Section title="People" note="A click implies an open. People who were erased, or are old, are in no list.">
      <ul class="people">
        {Object.entries(WHO).map(([did, text]) => (
          <li>
            <a href={`/app/emails/${encodeURIComponent(email)}/recipients?${new URLSearchParams({ did, bots })}`}>
              {text}
            </a>{" "}
            <a href={`/app/files/reports/recipients.csv?${query(did)}`} aria-label={`${text}, as CSV`}>
              CSV
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
