/** Erasing people: what will go is said first, who is meant is typed, and a form that is sent twice erases once. */
import type { Schemas } from "../client/index.ts";
import { Section } from "../web/components/content.tsx";
import { ActionForm, TextField } from "../web/components/form.tsx";
import { countWords } from "../web/format.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

type Held = Schemas["Held"];
type Kind = "person" | "address";

interface EraseSectionProps {
  readonly visit: Visit;
  /** The person's id, or the address. */
  readonly named: string;
  readonly kind: Kind;
  /** Undefined where it is too much to count. */
  readonly held: Held | undefined;
}

export function EraseSection({ visit: { refused }, named, kind, held }: EraseSectionProps) {
  const whom = kind === "person" ? `person ${named}` : "everybody with this address";
  return (
    <Section title={kind === "person" ? "Erase this person" : "Erase everybody with this address"} id="erase">
      {held === undefined ? null : <WhatGoes held={held} />}
      <ul class="plain">
        <li>Addresses, devices, what servers said and what was typed into forms go. It cannot be undone.</li>
        <li>Counts in reports stay, under a pseudonym that leads to nobody.</li>
        <li>Suppressions stay, under hashes of the person and their addresses: they are still not mailed.</li>
        <li>Take them out of your own lists first: what is reported of them later is recorded anew.</li>
      </ul>
      <ActionForm
        action="erase"
        kind="danger"
        button={`Erase ${whom}`}
        fixed={{ ...(kind === "address" ? { named } : {}), key: refused?.fields.get("key") ?? crypto.randomUUID() }}
      >
        <TextField
          label={
            kind === "person"
              ? `To erase them, type the person’s id: ${named}`
              : `To erase them, type the address: ${named}`
          }
          name="confirmed"
          value={refused?.fields.get("confirmed") ?? ""}
          problem={refused?.message}
          isRequired
        />
      </ActionForm>
    </Section>
  );
}

function WhatGoes({ held: { people, more, staying, events, messages, addresses } }: { readonly held: Held }) {
  const stayingCount = staying.length;
  const eventCount = Object.values(events).reduce((sum, count) => sum + count, 0);
  const parts = [
    `${more ? "more than " : ""}${countWords(people.length, "person", "people")}`,
    countWords(addresses.length, "address", "addresses"),
    countWords(messages, "message"),
    countWords(eventCount, "event"),
  ];
  return (
    <p>
      What identifies them goes from {parts.slice(0, -1).join(", ")} and {parts.at(-1)}.
      {stayingCount === 0
        ? null
        : ` Of ${countWords(stayingCount, "person", "people")} with another address by now, only this one goes.`}
    </p>
  );
}

/** The action of the form: leads to the progress of the erasure. */
export async function erasePeople(
  { api }: Visit,
  fields: URLSearchParams,
  whom: { readonly person: string } | { readonly address: string },
): Promise<`/${string}`> {
  const named = "person" in whom ? whom.person : whom.address;
  if (fields.get("confirmed")?.trim().toLowerCase() !== named.toLowerCase()) {
    const message = `This is not ${named}: nothing was erased.`;
    throw new ApiTrouble(400, { code: "invalid_field", message, field: "confirmed" });
  }
  const body = { ...whom, idempotencyKey: fields.get("key") ?? "" };
  const { erasure } = await answered(api.POST("/v1/people/erase", { body }));
  return `/people/erasures/${encodeURIComponent(erasure)}`;
}
