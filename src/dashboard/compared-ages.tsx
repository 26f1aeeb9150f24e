/** How old compared emails are: one that was just sent has had little time to be opened. */
import { DAY_MS, HOUR_MS } from "../platform/durations.ts";
import { Notice } from "../web/components/content.tsx";
import { countWords } from "../web/format.ts";

/** In it come most opens and clicks. */
const YOUNG_MS = 48 * HOUR_MS;
/** An age of so many times another one is said to differ. */
const MUCH = 2;

export interface AgedEmail {
  /** "A" */
  readonly letter: string;
  readonly firstSentMs: number;
  readonly lastSentMs: number;
}

/** "less than an hour", "5 hours", "12 days" */
export function ageWords(ms: number): string {
  if (ms < HOUR_MS) return "less than an hour";
  if (ms < YOUNG_MS) return countWords(Math.floor(ms / HOUR_MS), "hour");
  return countWords(Math.floor(ms / DAY_MS), "day");
}

/** Says when rates of the emails cannot be compared yet, or only with care. Nothing for a single email. */
export function AgesNotice({ emails, nowMs }: { readonly emails: readonly AgedEmail[]; readonly nowMs: number }) {
  const [first, ...others] = emails.toSorted((one, other) => one.firstSentMs - other.firstSentMs);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return null;
  const young = emails.filter(({ lastSentMs }) => nowMs - lastSentMs < YOUNG_MS).map(({ letter }) => letter);
  const [oldest, youngest] = [first, last].map(({ firstSentMs }) => nowMs - firstSentMs);
  const isFarApart = oldest !== undefined && youngest !== undefined && oldest > MUCH * youngest;
  if (young.length === 0 && !isFarApart) return null;
  const sentences = [
    isFarApart
      ? `${first.letter} has had ${ageWords(oldest)} to be opened, ${last.letter} only ${ageWords(youngest)}.`
      : "",
    young.length === 0
      ? ""
      : `Messages of ${young.join(" and ")} are younger than 48 hours, in which most opens come: rates still rise.`,
    "Numbers are of all opens up to now, not of each email’s first 48 hours only.",
  ];
  return <Notice kind="warning">{sentences.filter((sentence) => sentence !== "").join(" ")}</Notice>;
}
