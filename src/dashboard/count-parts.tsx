/** What is shown beside a number: of what it is a share, what it was before, and what was left out. */
import { formatCount, formatShare } from "../web/format.ts";

/** "31.2% of delivered"; nothing where there is nothing to divide by. */
export function Rate({ share, of }: { readonly share: number | null; readonly of: string }) {
  return share === null ? null : <span class="part">{`${formatShare(share)} of ${of}`}</span>;
}

/** Messages that bounced, hard or softly, and were not delivered later: a message counts as one of the two. */
export function bouncedOf({ hardBounced, softBounced }: BounceCounts): number {
  return hardBounced + softBounced;
}

interface BounceCounts {
  readonly hardBounced: number;
  readonly softBounced: number;
}

/** "without 42 that only bots opened"; nothing where nothing is left out. */
export function leftOutWords(count: number, what: string): string {
  return count === 0 ? "" : `without ${formatCount(count)} ${what}`;
}

/** The same beside a number. */
export function LeftOut({ count, what }: { readonly count: number; readonly what: string }) {
  return count === 0 ? null : <span class="part">{leftOutWords(count, what)}</span>;
}

/** How large a share is, beside its number. */
export function ShareBar({ share }: { readonly share: number | null }) {
  return (
    <svg class="share-bar" aria-hidden="true">
      <rect width={`${Math.round((share ?? 0) * 1000) / 10}%`} height="100%" />
    </svg>
  );
}

/** "31.2%" with "1,204" beside it: the share large, because emails differ in size. */
export function ShareAndCount({ share, count }: { readonly share: number | null; readonly count: number }) {
  return (
    <>
      {formatShare(share)}
      <span class="part">{formatCount(count)}</span>
    </>
  );
}

/** Beside Opened, after a count: the messages that count as opened only when bots do. */
export const ONLY_BOTS_OPENED = "that only bots or Apple’s proxy opened";

/** What figures of opens leave out, where bots' do not count. */
export const OPENS_NOTE =
  "Opens behind Apple’s mail privacy proxy do not count: it loads the pictures of every mail, read or not. So of " +
  "people with Apple Mail only clicks show.";

/** What figures of opens say, where a page chooses whether bots' count. */
export function opensNote(bots: "exclude" | "include"): string {
  if (bots === "exclude") return OPENS_NOTE;
  return "Opens behind Apple’s mail privacy proxy count, too: it loads the pictures of every mail, read or not.";
}

const WHOLE_CHANGE = new Intl.NumberFormat("en", {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 0,
});
/** A change of more says nothing as a percentage. */
const LARGEST_CHANGE = 10;

/**
 * "+4% from 780 before": of a count, against the period before.
 * @param before at least 1
 */
export function CountChange({ now, before }: { readonly now: number; readonly before: number }) {
  const change = now / before - 1;
  const text = change > LARGEST_CHANGE ? "" : `${WHOLE_CHANGE.format(change)} from `;
  return <span class="part">{`${text}${formatCount(before)} before`}</span>;
}

const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const POINTS = new Intl.NumberFormat("en", { signDisplay: "exceptZero", ...ONE_DIGIT });
const SMALL_POINTS = new Intl.NumberFormat("en", { signDisplay: "exceptZero", maximumFractionDigits: 2 });

export interface CountAndRate {
  readonly count: number;
  /** From 0 to 1; null where there is nothing to divide by. */
  readonly rate: number | null;
}

/**
 * "+21.5 points from 24.3% (37) before": of a rate, in percentage points, against the period before. The count says
 * more of how much was sent than of how it did.
 */
export function RateChange({ now, before }: { readonly now: CountAndRate; readonly before: CountAndRate }) {
  if (before.rate === null) return <span class="part">none before</span>;
  const was = `${formatShare(before.rate)} (${formatCount(before.count)}) before`;
  if (now.rate === null) return <span class="part">{was}</span>;
  const points = 100 * (now.rate - before.rate);
  const text = (Math.abs(points) < 1 ? SMALL_POINTS : POINTS).format(points);
  return <span class="part">{`${text} points from ${was}`}</span>;
}
