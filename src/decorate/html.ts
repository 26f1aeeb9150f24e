/** The edits of an email's HTML: links, opt-out markers, unsubscribe placeholders, the honeypot link, the pixel. */
import { classifyLink, isDecorated, usableBase } from "./classify-link.ts";
import { type Compilation, slotOf } from "./compilation.ts";
import { type Edit, FIRST_LINK, HONEYPOT, PIXEL, UNSUBSCRIBE } from "./part.ts";
import { scanHtml } from "./scan.ts";

export function editHtml(html: string, compilation: Compilation): readonly Edit[] {
  const { origin, placeholders, honeypotLink } = compilation;
  const { hrefs, removals, texts, base, images, pixelAt } = scanHtml(html);
  const edits: Edit[] = [...removals];
  const context = { origin, placeholders, base: usableBase(base, placeholders) };
  for (const { start, end, value, optedOut } of hrefs) {
    const decision = classifyLink(value, context);
    // A link that opts out still has its unsubscribe placeholder filled. It gets no warnings.
    if (optedOut && decision.kind !== "unsubscribe") continue;
    const slot = slotOf(decision, value.trim(), compilation);
    if (slot !== undefined) edits.push({ start, end, slot });
  }
  const inText = new RegExp(placeholders.pattern, "g");
  for (const { start: offset, end } of texts) {
    for (const { index, 0: text } of html.slice(offset, end).matchAll(inText)) {
      const start = offset + index;
      edits.push({ start, end: start + text.length, slot: UNSUBSCRIBE });
    }
  }
  const hasPixel = images.some((source) => URL.canParse(source) && isDecorated(new URL(source), origin));
  if (hasPixel) return edits;
  const hasLink = edits.some(({ slot = UNSUBSCRIBE }) => slot >= FIRST_LINK);
  if (honeypotLink && hasLink) edits.push({ start: pixelAt, end: pixelAt, slot: HONEYPOT });
  edits.push({ start: pixelAt, end: pixelAt, slot: PIXEL });
  return edits;
}
