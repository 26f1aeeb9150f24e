/** Exports: every report as a CSV file for spreadsheets, and how programs read the whole log. */
import { Section } from "../web/components/content.tsx";
import { type Choice, ChoiceField, FilterForm, TextField } from "../web/components/form.tsx";
import { DataTable } from "../web/components/table.tsx";
import type { DashboardPage } from "./page.ts";

interface ExportedReport {
  readonly name: string;
  readonly label: string;
  readonly what: string;
  /** Whether it is of one email. */
  readonly needsEmail?: true;
}

const REPORTS: readonly ExportedReport[] = [
  { name: "emails", label: "Emails", what: "A row for each email: sent, delivered, opened, clicked, rates" },
  { name: "series", label: "Over time", what: "A row for each day" },
  { name: "domains", label: "Recipient domains", what: "A row for each domain of the recipients’ addresses" },
  { name: "bounces", label: "Bounces", what: "A row for each reason and what mail servers said" },
  { name: "devices", label: "Devices", what: "A row for each platform and device" },
  { name: "links", label: "Links of an email", what: "A row for each link", needsEmail: true },
  { name: "recipients", label: "Who opened an email", what: "A row for each person who opened it", needsEmail: true },
];

/** The parameters that reports take from the form. */
const PARAMETERS = ["email", "campaign", "since", "until", "bots"] as const;

const BOTS: readonly Choice[] = [
  { value: "", label: "Left out" },
  { value: "include", label: "Counted, too" },
];

export const exports: DashboardPage = {
  path: "/exports",
  scope: "read",
  show: async ({ url, viewer, zone }) => {
    const value = (name: (typeof PARAMETERS)[number]) => url.searchParams.get(name) ?? undefined;
    const body = (
      <>
        <FilterForm path="/app/exports" button="Choose">
          <TextField label="Email’s id" name="email" value={value("email")} />
          <TextField label="Campaign’s id" name="campaign" value={value("campaign")} />
          <TextField label="Sent from (UTC)" name="since" type="date" value={value("since")} />
          <TextField label="Sent before (UTC)" name="until" type="date" value={value("until")} />
          <ChoiceField label="Bots" name="bots" choices={BOTS} value={value("bots")} />
        </FilterForm>
        <Section title="As CSV" note="UTF-8, for any spreadsheet. What it would take for a formula has a ' in front.">
          <DataTable
            caption="Reports as CSV"
            columns={[
              { label: "File", isName: true, cell: (report) => <FileLink report={report} url={url} zone={zone} /> },
              { label: "What it has", cell: ({ what }) => what },
            ]}
            rows={REPORTS}
          />
        </Section>
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

interface FileLinkProps {
  readonly report: ExportedReport;
  readonly url: URL;
  readonly zone: string;
}

function FileLink({ report: { name, label, needsEmail }, url, zone }: FileLinkProps) {
  const chosen = PARAMETERS.map((parameter) => [parameter, url.searchParams.get(parameter) ?? ""] as const);
  const query = new URLSearchParams(chosen.filter(([, text]) => text !== "").map(([key, text]) => [key, text]));
  if (name === "bounces" || name === "devices") query.delete("bots");
  if (name === "series") {
    query.set("by", "day");
    query.set("zone", zone);
  }
  if (name === "recipients") query.set("did", "opened");
  if (needsEmail === true && !query.has("email")) return <>{label}: choose an email first</>;
  return (
    <a href={`/app/files/reports/${name}.csv?${query}`} download={`${name}.csv`}>
      {label}
    </a>
  );
}
