/** Adding a suppression, importing a list of them, removing one with who did it and why. */
import type { Schemas } from "../client/index.ts";
import { Notice, Section } from "../web/components/content.tsx";
import { ActionForm, CheckField, type Choice, ChoiceField, TextField } from "../web/components/form.tsx";
import { formatCount } from "../web/format.ts";
import {
  askedRecipient,
  type NamedRecipient,
  RecipientFields,
  recipientParameters,
  recipientProblem,
  unknownWords,
} from "./asked-recipient.tsx";
import { filled } from "./form-values.ts";
import type { PageAction } from "./page.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

type Reason = Schemas["Suppression"]["reason"];

/** A list of a thousand addresses. */
export const MAX_IMPORT_BYTES = 512 * 1024;
const MAX_IMPORTED = 1_000;
/** So many of the lines that are no addresses are named. */
const MAX_NAMED_LINES = 100;

export const REASONS: Readonly<Record<Reason, string>> = {
  unsubscribed: "Unsubscribed",
  invalid: "No such mailbox",
  blocked: "Blocked",
};
export const SUPPRESSION_CHOICES: readonly Choice[] = Object.entries(REASONS).map(([value, label]) => ({
  value,
  label,
}));

/** The person's id in the form's second step, which nobody has. */
const UNKNOWN = "unknown";

export function Additions({ visit: { refused } }: { readonly visit: Visit }) {
  const action = refused?.fields.get("action");
  return (
    <div class="columns">
      <Addition refused={action === "add" ? refused : undefined} />
      <Import refused={action === "import" ? refused : undefined} />
    </div>
  );
}

interface RefusedProps {
  readonly refused: Visit["refused"];
}

function Addition({ refused }: RefusedProps) {
  const { problem } = filled(refused, "recipient", "address", "person", UNKNOWN);
  const id = refused?.field === UNKNOWN ? refused.fields.get("recipient")?.trim() : undefined;
  return (
    <Section
      title="Suppress somebody"
      note="For people who ask by phone or by a reply. By address, unless you know their id in your system."
    >
      <ActionForm action="add" button="Suppress">
        <RecipientFields form="add" fields={refused?.fields} problem={problem} />
        {id === undefined ? null : (
          <CheckField name={UNKNOWN} value={id} label={`Suppress the id ${id} all the same, before it is known`} />
        )}
        <ChoiceField form="add" label="Reason" {...filled(refused, "reason")} choices={SUPPRESSION_CHOICES} />
        <TextField
          form="add"
          label="Cause"
          hint="Why, for people to read: “asked by phone”."
          {...filled(refused, "cause")}
        />
        <TextField form="add" label="Who decided it" {...filled(refused, "who")} />
      </ActionForm>
    </Section>
  );
}

function Import({ refused }: RefusedProps) {
  return (
    <Section
      title="Import a list"
      note={`Up to ${formatCount(MAX_IMPORTED)} addresses, one a line. What is suppressed already stays as it is.`}
    >
      {refused === undefined || refused.field !== undefined ? null : <Notice kind="problem">{refused.message}</Notice>}
      <ActionForm action="import" button="Import">
        <TextField
          form="import"
          label="Addresses"
          rows={8}
          {...filled(refused, "addresses", "suppressions")}
          isRequired
        />
        <ChoiceField form="import" label="Reason" {...filled(refused, "reason")} choices={SUPPRESSION_CHOICES} />
        <TextField form="import" label="Where the list is from" {...filled(refused, "who")} />
      </ActionForm>
    </Section>
  );
}

export const add: PageAction = async (visit, fields) => {
  const named = askedRecipient(fields);
  if ("person" in named && fields.get(UNKNOWN) !== named.person) await refuseUnknown(visit, named);
  const body = { ...named, ...details(fields) };
  await answered(visit.api.POST("/v1/suppressions", { body })).catch((error) => inWordsOf(named, error));
  return `/suppressions?done=added&${recipientParameters(named)}`;
};

/** A person's opt-out that is kept under a mistyped id is lost, and mail to them goes on. */
async function refuseUnknown(visit: Visit, named: NamedRecipient): Promise<void> {
  const unknown = unknownWords(named, await askCheck(visit, named));
  if (unknown !== undefined) throw new ApiTrouble(409, { code: "unknown_person", message: unknown, field: UNKNOWN });
}

/**
 * What `/v1` answers about them.
 * @throws {ApiTrouble} in people's words when it is no address, or no id
 */
export async function askCheck({ api }: Visit, named: NamedRecipient) {
  const answer = answered(api.GET("/v1/suppressions/check", { params: { query: named } }));
  return await answer.catch((error) => inWordsOf(named, error));
}

/** Why `/v1` does not take them, in the words of the form; what is about another field as it is. */
function inWordsOf(named: NamedRecipient, error: unknown): never {
  if (!(error instanceof ApiTrouble) || error.status !== 400) throw error;
  const { status, code, field } = error;
  if (field !== "address" && field !== "person") throw error;
  throw new ApiTrouble(status, { code, message: recipientProblem(named), field });
}

export const importList: PageAction = async ({ api }, fields) => {
  const lines = (fields.get("addresses") ?? "")
    .split(/\r?\n/)
    .map((line, index) => ({ address: line.trim(), number: index + 1 }))
    .filter(({ address }) => address !== "");
  const body = { ...details(fields), suppressions: lines.map(({ address }) => ({ address })) };
  const { accepted, rejected } = await answered(api.POST("/v1/suppressions", { body })).catch(inWordsOfImport);
  const imported = `/suppressions?done=imported&accepted=${accepted}` as const;
  if (rejected.length === 0) return imported;
  // By their numbers: an address of the page has no room for a thousand others.
  const named = rejected.slice(0, MAX_NAMED_LINES).flatMap(({ index }) => lines[index]?.number ?? []);
  return `${imported}&refused=${rejected.length}&lines=${named.join(",")}`;
};

/** Why nothing was imported, in the words of the form. */
function inWordsOfImport(error: unknown): never {
  if (!(error instanceof ApiTrouble)) throw error;
  const { status, code } = error;
  const field = "suppressions";
  if (code === "nothing_accepted")
    throw new ApiTrouble(status, { code, field, message: "No line is an email address: nobody was suppressed." });
  if (error.field === field) {
    const message = `A list has one to ${formatCount(MAX_IMPORTED)} addresses, one a line: nobody was suppressed.`;
    throw new ApiTrouble(status, { code, field, message });
  }
  throw error;
}

/** What an import has done, by the parameters of the address that it leads to. */
export function Imported({ url }: { readonly url: URL }) {
  const count = (name: string) => Number(url.searchParams.get(name) ?? 0);
  const lines = (url.searchParams.get("lines") ?? "").split(",").filter((line) => /^[0-9]{1,6}$/.test(line));
  const refused = count("refused");
  const more = refused > lines.length ? `, and ${formatCount(refused - lines.length)} more` : "";
  return (
    <>
      <Notice kind="done">{formatCount(count("accepted"))} are suppressed from now on.</Notice>
      {refused > 0 ? (
        <Notice kind="warning">
          {refused === 1 ? "One line is no address" : `${formatCount(refused)} lines are no addresses`}, and suppressed
          nobody: {lines.length === 1 ? "line" : "lines"} {lines.join(", ")}
          {more} of your list.
        </Notice>
      ) : null}
    </>
  );
}

export const remove: PageAction = async ({ api }, fields) => {
  const [address, person] = [fields.get("address"), fields.get("person")];
  const named = address === null ? { person: person ?? "" } : { address };
  const reason = (fields.get("reason") ?? "invalid") as Reason;
  const body = { ...named, reason, who: fields.get("who") ?? "", why: fields.get("why") ?? "" };
  await answered(api.DELETE("/v1/suppressions", { body }));
  return "/suppressions?done=removed";
};

/** The fields that both forms have; empty ones are left out. */
function details(fields: URLSearchParams) {
  const reason = (fields.get("reason") ?? "unsubscribed") as Reason;
  const text = (name: string) => fields.get(name)?.trim() ?? "";
  return {
    reason,
    ...(text("cause") === "" ? {} : { cause: text("cause") }),
    ...(text("who") === "" ? {} : { who: text("who") }),
  };
}
