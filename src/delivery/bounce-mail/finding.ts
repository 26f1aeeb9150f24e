/** What a bounce mail reports about one address, before its send is known. */
import type { Bounce } from "../outcome.ts";

export interface Finding {
  /** The address that the report is about. */
  readonly recipient: string;
  /** The address that was mailed, where the report names it: `recipient` was reached by an alias or a forward. */
  readonly mailed?: string | undefined;
  readonly action: "failed" | "delayed" | "delivered" | "complained";
  /** Why, of "failed" and "delayed". */
  readonly bounce?: Bounce | undefined;
}

/** More recipients than a report about our mail ever has: each copy goes to one. */
export const MAX_FINDINGS = 100;
