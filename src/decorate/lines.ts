/**
 * The texts of HTML that are shown in one line: between them are only comments, and tags that neither begin a line
 * nor show anything themselves, which those are that nobody knows (HTML, "Rendering", 15.3).
 */
import type { Range } from "./part.ts";

const ENDS_LINE = new Set(
  `address article aside audio blockquote body br button canvas caption center col colgroup dd details dialog dir
  div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr
  html iframe img input legend li listing main math menu nav object ol optgroup option p plaintext pre search
  section select summary svg table tbody td textarea tfoot th thead title tr ul video xmp`.split(/\s+/),
);

/** Texts that are shown in one line, in the order of the source. */
export type ShownLine = readonly Range[];

export class Lines {
  /** In the order in which they begin. */
  readonly all: ShownLine[] = [];
  #open: Range[] | undefined;

  /** Goes on with the line that is open. */
  addText(range: Range): void {
    if (this.#open === undefined) {
      this.#open = [];
      this.all.push(this.#open);
    }
    this.#open.push(range);
  }

  passTag(tagName: string): void {
    if (ENDS_LINE.has(tagName)) this.#open = undefined;
  }
}
