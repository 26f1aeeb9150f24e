/** What a developer did, which stands out from the sample history of their machine. */
import { HOUR_MS } from "../platform/durations.ts";
import { SAMPLE_HISTORY } from "../preview/index.ts";
import type { Visit } from "./visit.ts";

/** Every message of the sample history is older (src/dev/sample/). */
const SAMPLE_AGE_MS = 12 * HOUR_MS;

export interface OwnTagProps {
  readonly visit: Visit;
  /** What `id` is of: a message is its email's. */
  readonly by: "email" | "campaign";
  readonly id: string | number;
  /** When the latest message was sent. */
  readonly sentAt: string | null;
}

/** On a developer's machine, beside what they did; nothing elsewhere, where all mail is somebody's own. */
export function OwnTag({ visit, by, id, sentAt }: OwnTagProps) {
  const isLate = sentAt !== null && visit.nowMs - Date.parse(sentAt) < SAMPLE_AGE_MS;
  if (visit.developersKey === undefined || !(isLate || !SAMPLE_HISTORY[by].includes(String(id)))) return null;
  return <span class="tag own">Yours</span>;
}
