/** What stands beside a number: of what it is a share, what it was before, and what was left out. */
import { formatCount, formatShare } from "../web/format.ts";

/** "31.2% of delivered"; nothing where there is nothing to divide by. */
export function Rate({ share, of }: { readonly share: number | null; readonly of: string }) {
  return share === null ? null : <span class="part">{`${formatShare(share)} of ${of}`}</span>;
}

/** "without 42 that only bots opened" */
export function LeftOut({ count, what }: { readonly count: number; readonly what: string }) {
  return count === 0 ? null : <span class="part">{`without ${formatCount(count)} ${what}`}</span>;
}

const CHANGE = new Intl.NumberFormat("en", { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 0 });
/** A change of more says nothing as a percentage. */
const LARGEST_CHANGE = 10;

/** "+4% from 780": of the number itself, against the period before. */
export function Against({ now, before }: { readonly now: number; readonly before: number }) {
  if (before === 0) return <span class="part">none before</span>;
  const change = now / before - 1;
  const text = change > LARGEST_CHANGE ? "" : `${CHANGE.format(change)} `;
  return <span class="part" title="Against the period before">{`${text}from ${formatCount(before)}`}</span>;
}
