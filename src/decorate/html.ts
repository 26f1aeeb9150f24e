/** The edits of an email's HTML: links, opt-out marks, unsubscribe placeholders, the honeypot, the pixel. */
import { type Compilation, slotOf } from "./compilation.ts";
import { classifyLink, isOurs, usableBase } from "./destination.ts";
import { type Edit, FIRST_LINK, HONEYPOT, PIXEL, type Run, UNSUBSCRIBE } from "./part.ts";
import { scanHtml } from "./scan.ts";

export function editHtml(html: string, compilation: Compilation): readonly Edit[] {
  const { origin, placeholders, honeypotLink } = compilation;
  const { hrefs, removals, texts, base, images, pixelAt } = scanHtml(html);
  const edits: Edit[] = [...removals];
  const surroundings = { origin, placeholders, base: usableBase(base, placeholders) };
  for (const { start, end, value, optedOut } of hrefs) {
    const verdict = classifyLink(value, surroundings);
    // Who takes a link out of tracking still wants its placeholder filled, and no warnings.
    const slot =
      optedOut && verdict.kind !== "unsubscribe" ? undefined : slotOf(verdict, value.trim(), compilation);
    if (slot !== undefined) edits.push({ start, end, slot });
  }
  const inText = new RegExp(placeholders.pattern, "g");
  for (const { start, end } of matchesWithin(html, inText, texts))
    edits.push({ start, end, slot: UNSUBSCRIBE });
  const hasPixel = images.some((source) => URL.canParse(source) && isOurs(new URL(source), origin));
  if (hasPixel) return edits;
  const hasLink = edits.some(({ slot = UNSUBSCRIBE }) => slot >= FIRST_LINK);
  if (honeypotLink && hasLink) edits.push({ start: pixelAt, end: pixelAt, slot: HONEYPOT });
  edits.push({ start: pixelAt, end: pixelAt, slot: PIXEL });
  return edits;
}

/** The matches of `pattern` that lie within one of `runs`; both go up through the source together. */
function* matchesWithin(source: string, pattern: RegExp, runs: readonly Run[]): Generator<Run> {
  let at = 0;
  for (const { index: start, 0: text } of source.matchAll(pattern)) {
    const end = start + text.length;
    for (let run = runs[at]; run !== undefined && run.end <= start; run = runs[at]) at++;
    const run = runs[at];
    if (run === undefined) return;
    if (run.start <= start && end <= run.end) yield { start, end };
  }
}
