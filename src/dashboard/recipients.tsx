/** Who opened an email, who clicked, who did neither. */
import type { Schemas } from "../client/index.ts";
import { EmptyState, Pager, Section, withParameters } from "../web/components/content.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { Choices } from "./choices.tsx";
import { nameOf, StatusTag, whoOf } from "./message-parts.tsx";
import type { DashboardPage } from "./page.ts";
import { BotsSwitch, botsIn } from "./report-choices.tsx";
import { answered, type Visit } from "./visit.ts";

type Recipient = Schemas["RecipientsReportRow"];

const ROWS = 50;
const DID = { opened: "Opened", clicked: "Clicked", not_opened: "Did neither" } as const;
type Did = keyof typeof DID;

export const recipients: DashboardPage = {
  path: "/emails/:email/recipients",
  scope: "read",
  show: async (visit) => {
    const { api, url, params } = visit;
    const { email = "" } = params;
    const did = didIn(url.searchParams.get("did"));
    const query = { email, did, bots: botsIn(url) };
    const cursor = url.searchParams.get("cursor");
    const page = { limit: ROWS, ...(cursor === null ? {} : { cursor }) };
    const { data, next } = await answered(
      api.GET("/v1/reports/recipients", { params: { query: { ...query, ...page } } }),
    );
    return {
      title: `${DID[did]}: email ${email}`,
      heading: <a href={`/app/emails/${encodeURIComponent(email)}`}>{nameOf({ id: email }, "Email")}</a>,
      body: (
        <Section
          title={`People: ${DID[did].toLowerCase()}`}
          note="A row for each message. A click implies an open. People who were erased, or are old, are in no list."
          tools={
            <>
              <Choices
                name="What they did"
                choices={Object.entries(DID).map(([name, text]) => ({
                  text,
                  href: withParameters(url, { did: name, cursor: undefined }),
                  isChosen: name === did,
                }))}
              />
              <BotsSwitch url={url} />
              <a href={`/app/files/reports/recipients.csv?${new URLSearchParams(query)}`}>CSV</a>
            </>
          }
        >
          {data.length === 0 ? (
            <EmptyState title={next === undefined ? "Nobody" : "Nobody on this page; others follow"} />
          ) : (
            <DataTable caption="People" columns={columnsFor(visit)} rows={data} />
          )}
          <Pager next={next} url={url} />
        </Section>
      ),
    };
  },
};

function columnsFor({ zone }: Visit): readonly Column<Recipient>[] {
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
    { label: "Campaign", cell: ({ campaign }) => <bdi>{nameOf(campaign, "Campaign")}</bdi> },
    { label: "Sent", cell: ({ sentAt }) => <LocalTime at={sentAt} zone={zone} /> },
    { label: "Status", cell: ({ status }) => <StatusTag status={status} /> },
  ];
}

function didIn(text: string | null): Did {
  return text !== null && Object.hasOwn(DID, text) ? (text as Did) : "opened";
}
