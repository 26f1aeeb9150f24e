/** What a bounce mail says of one address, before it is known whose mail it was. */
import type { Bounce } from "../outcome.ts";

export interface Finding {
  /** The address that could not be reached, or was. */
  readonly recipient: string;
  /** The address that was mailed, where the report names it: the other one came by an alias or a forward. */
  readonly mailed?: string | undefined;
  readonly action: "failed" | "delayed" | "delivered" | "complained";
  /** What the server said: of what failed, and of what is late. */
  readonly bounce?: Bounce | undefined;
}

/** More recipients than these a report of ours never has: each copy goes to one. */
export const FINDINGS_READ = 100;
