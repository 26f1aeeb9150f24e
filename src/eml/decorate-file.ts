/**
 * Decorates all parts of an email file for one recipient, as one email: with one send id and so one message token, and
 * a link that opts out in any HTML part does so in every text part.
 */
import type { Decorated, DecorateOptions, Recipient } from "../decorate/index.ts";
import { mayHoldCopied } from "../decorate/left.ts";
import { compileParts } from "../decorate/template.ts";
import type { EmailFile } from "./email-file.ts";
import type { TextPart } from "./mime-message.ts";

export interface DecoratedFile extends Pick<Decorated, "headers" | "links" | "message" | "warnings"> {
  readonly texts: ReadonlyMap<TextPart, string>;
  /** What the sender should know of what was left as it is, each a sentence. */
  readonly remarks: readonly string[];
}

export function decorateFile(file: EmailFile, options: DecorateOptions, recipient: Recipient): DecoratedFile {
  const { parts, left } = file;
  const sources = parts.map(({ kind, text }) => ({ kind, source: text }));
  const { parts: copies, ...decorated } = compileParts(sources, options).render(recipient);
  const remarks = left.flatMap(({ place, text }) => copiedRemark(place, mayHoldCopied(text, options.keys)));
  return {
    ...decorated,
    texts: new Map(parts.map((part, index) => [part, copies[index] ?? part.text])),
    remarks: [...new Set(remarks)],
  };
}

function copiedRemark(place: string, holds: boolean | "maybe"): readonly string[] {
  if (holds === false) return [];
  const what =
    holds === "maybe"
      ? "holds more tokens that no key has signed than are checked, and may keep links of another copy"
      : "keeps links of another copy";
  return [`${place} ${what}: what happens to them counts for its recipient. Leave them out.`];
}
