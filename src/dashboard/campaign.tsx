/** A campaign: its emails, what became of their messages, when they were opened and clicked. */
import { EmptyState, Section } from "../web/components/content.tsx";
import { SentWhen } from "./email.tsx";
import { groupTable } from "./group-table.tsx";
import { detailsOf, groupsOf, mailingCounts } from "./mailing.ts";
import { Bounces, Devices, Domains, FirstHours, OpenHours, WhatBecame } from "./mailing-sections.tsx";
import { nameOf } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { botsIn } from "./report-choices.tsx";

const EMAILS = 50;

export const campaignPage: DashboardPage = {
  path: "/campaigns/:campaign",
  scope: "read",
  show: async (visit) => {
    const { url, zone, params } = visit;
    const { campaign = "" } = params;
    const row = await mailingCounts(visit, "campaign", { campaign });
    if (row?.campaign === undefined) {
      const title = `Campaign ${campaign}`;
      const body = (
        <EmptyState title="No message of this campaign is known">
          <p>
            Its id may be wrong, or nothing was sent yet. <a href="/app/campaigns">All campaigns</a>
          </p>
        </EmptyState>
      );
      return { title, heading: <bdi>{title}</bdi>, body };
    }
    const emails = await groupsOf(visit, "email", { campaign }, EMAILS);
    const { hours, week, devices, domains, bounces } = await detailsOf(visit, { campaign }, row.firstSentAt);
    const query = botsIn(url) === "include" ? "?bots=include" : "";
    return {
      title: nameOf(row.campaign, "Campaign"),
      heading: <bdi>{nameOf(row.campaign, "Campaign")}</bdi>,
      lede: <SentWhen visit={visit} id={campaign} first={row.firstSentAt} last={row.lastSentAt} />,
      tools: <a href={`/app/messages?campaign=${encodeURIComponent(campaign)}`}>Messages</a>,
      body: (
        <>
          <WhatBecame row={row} url={url} />
          <Section
            title="Emails"
            note={`The latest ${EMAILS}. Numbers are of this campaign; links and people are on the email’s page.`}
          >
            {groupTable({ caption: "Emails of this campaign", by: "email", rows: emails, zone, query })}
          </Section>
          {hours === undefined || row.firstSentAt === null ? null : (
            <FirstHours activity={hours} firstSentAt={row.firstSentAt} visit={visit} />
          )}
          {week === undefined ? null : <OpenHours activity={week} zone={zone} />}
          <Domains rows={domains} />
          <Devices rows={devices} />
          <Bounces rows={bounces} />
        </>
      ),
    };
  },
};
