/** Refusals as servers write them, with the category that each is. */
import type { SmtpRefusal } from "../../../src/delivery/classify.ts";

/** The text, and what is known beside it. */
export type Refusal = readonly [details: string, known?: Omit<SmtpRefusal, "details">];
