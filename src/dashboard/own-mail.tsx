/** What a developer did, which stands out from the sample history of their machine. */
import type { Visit } from "./visit.ts";

/** Every message of the sample history is older (src/dev/sample/). */
const SAMPLE_AGE_MS = 12 * 3_600_000;

/** On a developer's machine, beside what was sent lately; nothing elsewhere, where all mail is somebody's own. */
export function OwnTag({ visit, sentAt }: { readonly visit: Visit; readonly sentAt: string | null }) {
  const isOwn = sentAt !== null && visit.nowMs - Date.parse(sentAt) < SAMPLE_AGE_MS;
  if (visit.developersKey === undefined || !isOwn) return null;
  return <span class="tag own">Yours</span>;
}
