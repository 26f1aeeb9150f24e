/**
 * Decorates all parts of an email file for one recipient, as one email: with one send id and so one message token, and
 * a link that opts out in any HTML part does so in every text part.
 */
import type { Decorated, DecorateOptions, Recipient } from "../decorate/index.ts";
import { holdsCopied } from "../decorate/left.ts";
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
  const copied = left.filter(({ text }) => holdsCopied(text, options.keys)).map(({ place }) => place);
  return {
    ...decorated,
    texts: new Map(parts.map((part, index) => [part, copies[index] ?? part.text])),
    remarks: [...new Set(copied)].map(
      (place) => `${place} keeps links of another copy: what happens to them counts for its recipient. Leave them out.`,
    ),
  };
}
