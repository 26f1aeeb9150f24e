/** Suppressions: who must not be mailed and why, and whether somebody is. */
import type { Child } from "hono/jsx";
import type { Schemas } from "../client/index.ts";
import { ownValue } from "../platform/own-value.ts";
import { EmptyState, Notice, Pager, Section } from "../web/components/content.tsx";
import { ActionForm, ChoiceField, FilterForm, TextField } from "../web/components/form.tsx";
import { type Column, DataTable } from "../web/components/table.tsx";
import { LocalTime } from "../web/local-time.tsx";
import {
  askedRecipient,
  type NamedRecipient,
  RecipientFields,
  RecipientName,
  recipientParameters,
  unknownWords,
} from "./asked-recipient.tsx";
import { filled } from "./form-values.ts";
import type { DashboardPage } from "./page.ts";
import {
  Additions,
  add,
  askCheck,
  Imported,
  importList,
  MAX_IMPORT_BYTES,
  REASONS,
  remove,
  SUPPRESSION_CHOICES,
} from "./suppression-forms.tsx";
import { ApiTrouble, answered, pageQuery, type Visit } from "./visit.ts";

type Suppression = Schemas["Suppression"];
type Reason = Suppression["reason"];

const PATH = "/app/suppressions";

const CAUSES: Readonly<Record<string, string>> = {
  form: "on the unsubscribe page",
  one_click: "by one click in the mail client",
  complaint: "by a complaint of spam",
  provider: "at the email provider",
  sender: "reported by the sender",
  address: "with an address that was unsubscribed",
  erased: "before being erased",
};

export const suppressionsPage: DashboardPage = {
  path: "/suppressions",
  scope: "send",
  maxFormBytes: MAX_IMPORT_BYTES,
  show: async (visit) => {
    const { url } = visit;
    const isAsked = (url.searchParams.get("recipient") ?? "").trim() !== "";
    const answer = isAsked ? await answerFor(visit, askedRecipient(url.searchParams)) : undefined;
    const body = (
      <>
        <Outcome url={url} />
        <Section title="Is somebody suppressed?" note="By the address, or by the person’s id in your system.">
          <FilterForm path={PATH} button="Ask">
            <RecipientFields form="ask" fields={url.searchParams} problem={answer?.problem} />
          </FilterForm>
          {answer?.body}
        </Section>
        {await list(visit)}
        <Additions visit={visit} />
      </>
    );
    return { title: "Suppressions", lede: "Who must not be mailed, and why.", body };
  },
  actions: { add, import: importList, remove },
};

function Outcome({ url }: { readonly url: URL }) {
  const done = url.searchParams.get("done");
  if (done === "added") return <Notice kind="done">It is stored. What counts for them is below.</Notice>;
  if (done === "removed")
    return <Notice kind="done">The suppression is removed; who did it and why is in the log.</Notice>;
  return done === "imported" ? <Imported url={url} /> : null;
}

interface Answer {
  readonly problem?: string;
  readonly body?: Child;
}

async function answerFor(visit: Visit, named: NamedRecipient): Promise<Answer> {
  try {
    return { body: <CheckAnswer visit={visit} named={named} check={await askCheck(visit, named)} /> };
  } catch (error) {
    if (error instanceof ApiTrouble && error.status === 400) return { problem: error.message };
    throw error;
  }
}

interface CheckAnswerProps {
  readonly visit: Visit;
  readonly named: NamedRecipient;
  readonly check: Awaited<ReturnType<typeof askCheck>>;
}

function CheckAnswer({ visit: { viewer, zone, refused }, named, check }: CheckAnswerProps) {
  const unknown = unknownWords(named, check);
  const name = <RecipientName named={named} address={check.address} />;
  if (!check.suppressed)
    return unknown === undefined ? (
      <Notice kind="note">Not suppressed: mail may be sent to {name}.</Notice>
    ) : (
      <Notice kind="warning">
        Nothing suppresses {name}. {unknown}
      </Notice>
    );
  return (
    <>
      <Notice kind="warning">
        Mail must not be sent to {name}. {unknown}
      </Notice>
      <ul>
        {check.reasons.map((reason) => (
          <li>
            <Because suppression={reason} zone={zone} />
            {viewer.may("admin") ? <Removal named={named} reason={reason.reason} refused={refused} /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

type Because = Pick<Suppression, "reason" | "since" | "until" | "cause" | "who">;

function Because({ suppression, zone }: { readonly suppression: Because; readonly zone: string }) {
  const { reason, since, until, cause, who } = suppression;
  return (
    <p>
      <b>{REASONS[reason]}</b> since <LocalTime at={since} zone={zone} />
      {until === undefined ? null : (
        <>
          , until <LocalTime at={until} zone={zone} />
        </>
      )}
      : <span dir="auto">{ownValue(CAUSES, cause) ?? cause}</span>
      {who === undefined ? null : (
        <>
          , by <span dir="auto">{who}</span>
        </>
      )}
    </p>
  );
}

interface RemovalProps {
  readonly named: NamedRecipient;
  readonly reason: Reason;
  readonly refused: Visit["refused"];
}

function Removal({ named, reason, refused }: RemovalProps) {
  const warning =
    reason === "unsubscribed" ? "Only when they asked for it: an opt-out is the law’s, not the sender’s." : undefined;
  return (
    <details open={refused?.fields.get("action") === "remove"}>
      <summary>Remove it</summary>
      {warning === undefined ? null : <p class="hint">{warning}</p>}
      <ActionForm action="remove" button="Remove" kind="danger" fixed={{ ...named, reason }}>
        <TextField form={reason} label="Who decided it" {...filled(refused, "who")} isRequired />
        <TextField form={reason} label="Why" {...filled(refused, "why")} isRequired />
      </ActionForm>
    </details>
  );
}

async function list({ api, url, zone }: Visit) {
  const reason = SUPPRESSION_CHOICES.find(({ value }) => value === url.searchParams.get("reason"))?.value;
  const query = { ...pageQuery(url, 50), ...(reason === undefined ? {} : { reason: reason as Reason }) };
  const { data, next } = await answered(api.GET("/v1/suppressions", { params: { query } }));
  return (
    <Section
      title="All suppressions"
      note="The latest first. Blocked: a server refused mail for its sender or content; mail to them waits a day."
    >
      <FilterForm path={PATH}>
        <ChoiceField
          form="list"
          label="Reason"
          name="reason"
          value={reason}
          choices={[{ value: "", label: "Any" }, ...SUPPRESSION_CHOICES]}
        />
      </FilterForm>
      {data.length === 0 && next === undefined ? (
        <EmptyState title="Nobody is suppressed">
          <p>Whoever unsubscribes, complains or bounces hard is listed here from then on.</p>
        </EmptyState>
      ) : (
        <DataTable caption="Suppressions" columns={columnsIn(zone)} rows={data} />
      )}
      <Pager next={next} url={url} />
    </Section>
  );
}

function columnsIn(zone: string): readonly Column<Suppression>[] {
  return [
    { label: "Recipient", isName: true, cell: (row) => <Recipient row={row} /> },
    { label: "Reason", cell: ({ reason }) => REASONS[reason] },
    { label: "Cause", cell: ({ cause }) => <span dir="auto">{ownValue(CAUSES, cause) ?? cause}</span> },
    { label: "By", cell: ({ who }) => (who === undefined ? null : <span dir="auto">{who}</span>) },
    { label: "Since", cell: ({ since }) => <LocalTime at={since} zone={zone} /> },
    { label: "Until", cell: ({ until }) => (until === undefined ? "" : <LocalTime at={until} zone={zone} />) },
  ];
}

function Recipient({ row: { address, person, erased } }: { readonly row: Suppression }) {
  if (erased === true) return <>Erased</>;
  const id = String(person?.id ?? "");
  const text = address ?? `Person ${id}`;
  const named = address === undefined ? { person: id } : { address };
  return (
    <a href={`${PATH}?${recipientParameters(named)}`} dir="auto">
      {text}
    </a>
  );
}
