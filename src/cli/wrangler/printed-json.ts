/** What wrangler printed with `--json`. */
import * as v from "valibot";

/** Reads the JSON that is behind wrangler's warnings. */
export function readPrintedJson<Schema extends v.GenericSchema>(
  schema: Schema,
  printed: string,
): v.InferOutput<Schema> {
  return v.parse(v.pipe(v.string(), v.parseJson(), schema), printed.slice(Math.max(0, printed.search(/^[[{]/m))));
}
