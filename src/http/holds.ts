/** Marks on schemas of answers: what a text holds, which says how it is masked (masked-answer.ts). */
import * as v from "valibot";

/**
 * `address`: nothing but an address. `person`: a person's id. `id`: another id. `event`: an event's id. `label`: words
 * that are about no person, such as an email's name. `signed`: a token or a cursor, which is left as it is.
 */
export type Holds = "address" | "person" | "id" | "event" | "label" | "signed";

/** An action of a pipe. A text without one is taken for words about a person. */
export function holds<Value>(what: Holds): v.MetadataAction<Value, { readonly holds: Holds }> {
  return v.metadata({ holds: what });
}

/** What a schema is marked with. */
export function holdsOf(schema: v.GenericSchema): Holds | undefined {
  const { holds: what } = v.getMetadata(schema) as { readonly holds?: Holds };
  return what;
}
