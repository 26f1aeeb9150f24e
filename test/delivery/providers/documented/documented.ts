/** What a provider documents, and what it comes to here. */
import type { Report } from "../../../../src/delivery/outcome.ts";
import type { Provider } from "../../../../src/delivery/providers/provider.ts";

export interface Documented {
  readonly read: Provider["read"];
  /** Bodies, and their outcomes in short: "sent", "bounced 2", "ignored 1". */
  readonly outcomes: readonly (readonly [body: unknown, outcomes: string])[];
  /** Bodies of one event, and all that is reported of it. */
  readonly reports: readonly (readonly [body: unknown, report: Report])[];
  /** Bodies, and the event type and reject reason that django-anymail has for them: "bounced blocked". */
  readonly vocabulary?: readonly (readonly [body: unknown, pair: string])[];
  /** Bodies that are none of the provider's. */
  readonly foreign: readonly unknown[];
}
