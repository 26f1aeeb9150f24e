/** What was filled into a form that `/v1` refused, and why, for the form's fields when it is shown again. */
import { problemBeside, type RefusedForm } from "./visit.ts";

/** A field: its name, what was in it, and why it was refused. */
export interface FilledField {
  readonly name: string;
  readonly value: string | undefined;
  readonly problem: string | undefined;
}

/**
 * @param apiNames of the field in the API's terms, where they are others
 * @example <TextField label="Address" {...filled(refused, "recipient", "address", "person")} />
 */
export function filled(refused: RefusedForm | undefined, name: string, ...apiNames: readonly string[]): FilledField {
  const [wrong] = refused?.field?.split(".") ?? [];
  const isWrong =
    refused !== undefined && wrong !== undefined && (apiNames.length === 0 ? [name] : apiNames).includes(wrong);
  return { name, value: refused?.fields.get(name) ?? undefined, problem: isWrong ? problemBeside(refused) : undefined };
}
