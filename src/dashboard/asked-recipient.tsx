/**
 * Whom a form or an address of the suppressions' page is about: an email address, or a person by their id, as it was
 * chosen. Nothing is guessed from what was written: "erika" as an id is nobody, and nobody "may be mailed".
 */
import { ChoiceField, TextField } from "../web/components/form.tsx";

/** As `/v1` takes it. */
export type NamedRecipient = { readonly address: string } | { readonly person: string };

const KINDS = [
  { value: "address", label: "Email address" },
  { value: "person", label: "Person id" },
] as const;

/** @param fields `kind` and `recipient`, of a form or of a page's address */
export function askedRecipient(fields: URLSearchParams): NamedRecipient {
  const text = fields.get("recipient")?.trim() ?? "";
  return fields.get("kind") === "person" ? { person: text } : { address: text };
}

/** The parameters of an address that asks about them. */
export function recipientParameters(named: NamedRecipient): string {
  const [kind, recipient] = "person" in named ? ["person", named.person] : ["address", named.address];
  return String(new URLSearchParams({ kind, recipient }));
}

interface RecipientFieldsProps {
  readonly form: string;
  /** What was written before. */
  readonly fields: URLSearchParams | undefined;
  readonly problem: string | undefined;
}

export function RecipientFields({ form, fields, problem }: RecipientFieldsProps) {
  return (
    <>
      <ChoiceField form={form} label="By" name="kind" value={fields?.get("kind") ?? undefined} choices={KINDS} />
      <TextField
        form={form}
        label="Email address or person id"
        name="recipient"
        value={fields?.get("recipient") ?? undefined}
        problem={problem}
        isRequired
      />
    </>
  );
}

/** What is shown beside the field when `/v1` does not take it. */
export function recipientProblem(named: NamedRecipient): string {
  return "person" in named
    ? "A person id has 1 to 64 letters, digits, dots, hyphens, underscores or colons. Is it an email address?"
    : "This is no email address: one looks like marie@example.com. Is it a person id?";
}

interface RecipientNameProps {
  readonly named: NamedRecipient;
  /** The address of a person, where one is known. */
  readonly address: string | undefined;
}

/** "the person 7 (marie@example.com)", or "marie@example.com". */
export function RecipientName({ named, address }: RecipientNameProps) {
  if ("address" in named) return <bdi>{named.address}</bdi>;
  return (
    <>
      the person <bdi>{named.person}</bdi>
      {address === undefined ? null : (
        <>
          {" "}
          (<bdi>{address}</bdi>)
        </>
      )}
    </>
  );
}

/** What it means that nothing is known of them; undefined when something is. */
export function unknownWords(named: NamedRecipient, { known }: { readonly known: boolean }): string | undefined {
  if (known) return undefined;
  return "person" in named
    ? "No person with this id is known: no message, no address. Is it written as your system writes it, or is it an " +
        "email address?"
    : "This address is not known: no message went to it that named it. Check how it is written.";
}
