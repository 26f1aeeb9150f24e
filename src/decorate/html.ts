/**
 * The edits of an email's HTML: links and their names, unsubscribe placeholders, what is left of other copies, the
 * honeypot link, the pixel.
 */
import { classifyLink, type LinkContext, readableUrl, samePage, untracked, usableBase } from "./classify-link.ts";
import { addressEdit, type Compilation, countVariables, unsubscribeEdit } from "./compilation.ts";
import { copiedEdits } from "./copied-edits.ts";
import { variableEdits } from "./html-variables.ts";
import { type Edit, FIRST_LINK, finderIn, HONEYPOT, PIXEL, UNSUBSCRIBE } from "./part.ts";
import { type Href, type Image, type Scan, scanHtml } from "./scan.ts";
import { showsOtherHost } from "./shown-host.ts";
import { urlTemplate } from "./url-template.ts";
import { warning } from "./warning.ts";

export function editHtml(html: string, compilation: Compilation): readonly Edit[] {
  const variables = countVariables(html, "html", compilation);
  const scan = scanHtml(html);
  const edits: Edit[] = [...scan.names];
  const context = { ...compilation, base: usableBase(scan.base, compilation.placeholders) };
  for (const href of scan.hrefs) addTo(edits, hrefEdit(href, context));
  for (const image of scan.images) addTo(edits, imageEdit(image, context));
  for (const action of scan.formActions) warnOfPlaceholder(action.trim(), context);
  const linkAt = finderIn(edits.filter(({ fill }) => fill !== undefined));
  const outside = variables.filter((variable) => linkAt(variable) === undefined);
  for (const edit of variableEdits(html, outside, scan)) edits.push(edit);
  for (const edit of placeholderEdits(html, scan, context)) edits.push(edit);
  for (const edit of copiedEdits(html, edits, context, inHtml, scan.lines)) edits.push(edit);
  const hasLink = edits.some(({ slot = UNSUBSCRIBE }) => slot >= FIRST_LINK);
  const { pixelAt, topAt = pixelAt } = scan;
  if (compilation.honeypotLink && hasLink) edits.push({ start: pixelAt, end: pixelAt, slot: HONEYPOT });
  const at = compilation.pixel === "top" ? topAt : pixelAt;
  edits.push({ start: at, end: at, slot: PIXEL });
  return edits;
}

type HtmlContext = Compilation & LinkContext;

function hrefEdit(href: Href, context: HtmlContext): Edit | undefined {
  const decision = classifyLink(href.value, context);
  const address = href.value.trim();
  if (decision.kind === "link") {
    // The text of another copy's link may be the URL that it had there.
    const isOther = decision.copied === undefined && showsOtherHost(href.text, readableUrl(decision));
    if (isOther) context.warnings.push(warning("shows_other_host", address));
    if (href.optedOut) context.optedOut.add(samePage(readableUrl(decision)));
  }
  const { start, end } = decision.kind === "remove" ? href.tag : href;
  const decided = href.optedOut ? untracked(decision) : decision;
  return addressEdit({ range: { start, end }, decision: decided, address, written: inHtml, name: href.name }, context);
}

/** Removes the pixel of another copy. */
function imageEdit({ source, tag }: Image, context: HtmlContext): Edit | undefined {
  const decision = classifyLink(source, context);
  const isPixel = decision.kind === "remove" || (decision.kind === "leave" && decision.warning === "unverified");
  if (!isPixel) return undefined;
  return addressEdit({ range: tag, decision, address: source.trim(), written: inHtml }, context);
}

function warnOfPlaceholder(action: string, { placeholders, warnings, hasVariables }: Compilation): void {
  const address = (hasVariables ? urlTemplate(action)?.sample : undefined) ?? action;
  if (placeholders.isUnsubscribe(address) || placeholders.isIn(address)) warnings.push(warning("form_action", action));
}

function* placeholderEdits(html: string, { texts }: Scan, compilation: Compilation): Generator<Edit> {
  const textAt = finderIn(texts);
  for (const { index: start, 0: placeholder } of html.matchAll(new RegExp(compilation.placeholders.pattern, "g"))) {
    const end = start + placeholder.length;
    const text = textAt({ start, end });
    if (text !== undefined && end <= text.end) yield unsubscribeEdit({ start, end, inText: true }, compilation);
  }
}

function addTo(edits: Edit[], edit: Edit | undefined): void {
  if (edit !== undefined) edits.push(edit);
}

/** With character references for what could end an attribute's value, quoted or not, and for what needs a charset. */
function inHtml(url: string): string {
  const escaped = url.replaceAll("&", "&amp;");
  return escaped.replace(/["'<>]|[^!-~]/gu, (character) => `&#${character.codePointAt(0)};`);
}
