/** Exports: every report as a CSV file for spreadsheets, and how programs read the whole log. */
import { Section } from "../web/components/content.tsx";
import { type Choice, ChoiceField, FilterForm, TextField } from "../web/components/form.tsx";
import { DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import { opensNote } from "./count-parts.tsx";
import { type DayRange, dayRange } from "./local-dates.ts";
import type { DashboardPage } from "./page.ts";

interface ExportedReport {
  readonly name: string;
  readonly label: string;
  readonly what: string;
  /** Whether it is of an email or a campaign. */
  readonly needsMailing?: true;
}

const REPORTS: readonly ExportedReport[] = [
  { name: "emails", label: "Emails", what: "A row for each email: sent, delivered, opened, clicked, rates" },
  { name: "series", label: "Over time", what: "A row for each day" },
  { name: "domains", label: "Recipient domains", what: "A row for each domain of the recipients’ addresses" },
  { name: "bounces", label: "Bounces", what: "A row for each reason and what mail servers said" },
  { name: "devices", label: "Devices", what: "A row for each platform and device" },
  { name: "links", label: "Links", what: "A row for each link", needsMailing: true },
  { name: "recipients", label: "Who opened", what: "A row for each message that was opened", needsMailing: true },
];

/** The parameters of the page. The days are of the viewer's calendar, both included. */
type Chosen = Readonly<Record<"email" | "campaign" | "from" | "to" | "bots", string>>;

const BOTS: readonly Choice[] = [
  { value: "", label: "Left out" },
  { value: "include", label: "Counted, too" },
];

export const exports: DashboardPage = {
  path: "/exports",
  scope: "read",
  show: async ({ url, viewer, zone }) => {
    const chosen = chosenIn(url);
    const range = dayRange(chosen.from, chosen.to, zone);
    const problemOf = (field: "from" | "to") => (range.problem?.field === field ? range.problem.message : undefined);
    const body = (
      <>
        <FilterForm path="/app/exports" button="Choose">
          <TextField label="Email’s id" name="email" value={chosen.email} />
          <TextField label="Campaign’s id" name="campaign" value={chosen.campaign} />
          <TextField label="Sent from" name="from" type="date" value={chosen.from} problem={problemOf("from")} />
          <TextField label="Sent until, included" name="to" type="date" value={chosen.to} problem={problemOf("to")} />
          <ChoiceField label="Bots" name="bots" choices={BOTS} value={chosen.bots} />
        </FilterForm>
        {range.problem === undefined ? <Files chosen={chosen} range={range} zone={zone} /> : null}
        <Section title="The whole log">
          <p>
            Programs read every event in the order of recording from <code>GET /v1/events</code>, get each by{" "}
            {viewer.may("admin") ? <a href="/app/webhooks">webhooks</a> : "webhooks"}, or take bulk extracts by
            Marketo’s API. <a href="/v1/docs">The API</a> describes itself.
          </p>
        </Section>
      </>
    );
    return { title: "Exports", lede: "Reports as files. Name an email, a campaign or a time to have less.", body };
  },
};

function chosenIn({ searchParams }: URL): Chosen {
  const value = (name: keyof Chosen) => searchParams.get(name)?.trim() ?? "";
  const [email, campaign, from, to] = [value("email"), value("campaign"), value("from"), value("to")];
  return { email, campaign, from, to, bots: value("bots") };
}

interface FilesProps {
  readonly chosen: Chosen;
  readonly range: DayRange;
  readonly zone: string;
}

function Files({ chosen, range, zone }: FilesProps) {
  return (
    <Section
      title="As CSV"
      note={
        "UTF-8, for any spreadsheet. What a spreadsheet would take for a formula begins with '. " +
        opensNote(chosen.bots === "include" ? "include" : "exclude")
      }
    >
      <RangeWords range={range} zone={zone} />
      <DataTable
        caption="Reports as CSV"
        columns={[
          {
            label: "File",
            isName: true,
            cell: (report) => <FileLink report={report} chosen={chosen} range={range} zone={zone} />,
          },
          { label: "What it has", cell: ({ what }) => what },
        ]}
        rows={REPORTS}
      />
    </Section>
  );
}

/** The moments that the days are, with UTC when one points at them. */
function RangeWords({ range: { sinceMs, untilMs }, zone }: Pick<FilesProps, "range" | "zone">) {
  if (sinceMs === undefined && untilMs === undefined) return null;
  const time = (ms: number) => <LocalTime at={new Date(ms).toISOString()} zone={zone} />;
  return (
    <p>
      Of messages sent{sinceMs === undefined ? null : <> from {time(sinceMs)} on</>}
      {sinceMs === undefined || untilMs === undefined ? null : " and"}
      {untilMs === undefined ? null : <> before {time(untilMs)}</>}, in {zone}.
    </p>
  );
}

interface FileLinkProps extends FilesProps {
  readonly report: ExportedReport;
}

function FileLink({ report: { name, label, needsMailing }, chosen, range, zone }: FileLinkProps) {
  if (needsMailing === true && chosen.email === "" && chosen.campaign === "")
    return <>{label}: choose an email or a campaign first</>;
  const parameters = {
    email: chosen.email,
    campaign: chosen.campaign,
    since: isoOf(range.sinceMs),
    until: isoOf(range.untilMs),
    bots: name === "bounces" || name === "devices" ? "" : chosen.bots,
    ...(name === "series" ? { by: "day", zone } : {}),
    ...(name === "recipients" ? { did: "opened" } : {}),
  };
  const query = new URLSearchParams(Object.entries(parameters).filter(([, text]) => text !== ""));
  return (
    <a href={`/app/files/reports/${name}.csv?${query}`} download={`${name}.csv`}>
      {label}
    </a>
  );
}

function isoOf(ms: number | undefined): string {
  return ms === undefined ? "" : new Date(ms).toISOString();
}
