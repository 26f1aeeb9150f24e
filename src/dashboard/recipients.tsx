/** Who opened an email or one of a campaign, who clicked, who did nothing, who may have. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Pager, Section, withParameters } from "../web/components/content.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { archivedNote, emptyWords } from "./archived-words.ts";
import { Choices } from "./choices.tsx";
import { opensNote } from "./count-parts.tsx";
import type { Grouping } from "./group-table.tsx";
import { mailingName } from "./mailing.ts";
import { mailingView, sameMessages } from "./mailing-view.ts";
import { mailingPath, nameOf, StatusTag, whoOf } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { PeriodPicker, periodPhrase } from "./period-picker.tsx";
import { BotsSwitch } from "./report-choices.tsx";
import { answered, pageQuery, type Visit } from "./visit.ts";

type Recipient = Schemas["RecipientsReportRow"];

const ROWS = 50;
const OTHERS_FOLLOW = "Nobody on this page; others follow";
export const DID = {
  opened: "Opened",
  clicked: "Clicked",
  opened_by_bots: "May have read it",
  not_opened: "Did nothing",
} as const;
export type Did = keyof typeof DID;

/** What every list says of itself. */
export const ABOUT_LISTS =
  "A click implies an open. People who were erased, or whose events are no longer kept, are in no list.";

/** Whom a list leaves out, or why they are in it. */
function noteOn(did: Did, bots: "exclude" | "include"): string {
  switch (did) {
    case "opened":
    case "clicked":
      return `${opensNote(bots)} `;
    case "opened_by_bots":
      return (
        "Only bots or Apple’s mail privacy proxy loaded the pictures or followed a link: whether they read it cannot " +
        "be known. Hard bounced messages are left out. "
      );
    case "not_opened":
      return (
        "No open and no click, not even a bot’s or a proxy’s. Left out: hard bounced messages, and people who may " +
        "have read it, unsubscribed or complained. "
      );
  }
}

export const emailRecipients: DashboardPage = pageOf("email");
export const campaignRecipients: DashboardPage = pageOf("campaign");

function pageOf(by: Grouping): DashboardPage {
  return {
    path: `/${by}s/:${by}/recipients`,
    scope: "read",
    show: async (visit) => {
      const { api, url } = visit;
      const view = mailingView(visit, by);
      const { id, mailing, span, bots, period } = view;
      const did = didIn(url.searchParams.get("did"));
      const query = { ...mailing, did, ...span, bots };
      const { data, next, ...more } = await answered(
        api.GET("/v1/reports/recipients", { params: { query: { ...query, ...pageQuery(url, ROWS) } } }),
      );
      const [first] = data;
      const name = first === undefined ? await mailingName(visit, by, id) : nameOf(first[by], by);
      return {
        title: `${DID[did]}: ${name}`,
        heading: (
          <a href={sameMessages(url, mailingPath(by, id))}>
            <bdi>{name}</bdi>
          </a>
        ),
        tools: <PeriodPicker period={period} url={url} hasAll />,
        body: (
          <Section
            title={`People: ${DID[did].toLowerCase()}`}
            note={[
              period.choice === "all" ? "" : `Of messages sent ${periodPhrase(period)}. `,
              noteOn(did, bots),
              `A row for each message. ${ABOUT_LISTS}`,
              archivedNote(more),
            ].join("")}
            tools={
              <>
                <Choices
                  name="What they did"
                  choices={Object.entries(DID).map(([value, text]) => ({
                    text,
                    href: withParameters(url, { did: value, cursor: undefined }),
                    isChosen: value === did,
                  }))}
                />
                <BotsSwitch url={url} />
                <a href={`/app/files/reports/recipients.csv?${new URLSearchParams(query)}`}>CSV</a>
              </>
            }
          >
            {data.length === 0 ? (
              <EmptyState title={next === undefined ? emptyWords(more, "Nobody") : OTHERS_FOLLOW} />
            ) : (
              <DataTable caption="People" columns={columnsFor(visit, by)} rows={data} />
            )}
            <Pager next={next} url={url} />
          </Section>
        ),
      };
    },
  };
}

function columnsFor({ zone }: Visit, by: Grouping): readonly Column<Recipient>[] {
  return [
    {
      label: "Person",
      isName: true,
      cell: ({ person, message }) => (
        <a href={`/app/messages/${message}`}>
          <bdi>{whoOf(person)}</bdi>
        </a>
      ),
    },
    by === "email"
      ? { label: "Campaign", cell: ({ campaign }) => <bdi>{nameOf(campaign, "campaign")}</bdi> }
      : { label: "Email", cell: ({ email }) => <bdi>{nameOf(email, "email")}</bdi> },
    { label: "Sent", cell: ({ sentAt }) => <LocalTime at={sentAt} zone={zone} /> },
    { label: "Status", cell: ({ status }) => <StatusTag status={status} /> },
  ];
}

function didIn(text: string | null): Did {
  return text !== null && Object.hasOwn(DID, text) ? (text as Did) : "opened";
}
