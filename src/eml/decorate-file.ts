/**
 * Decorates all parts of an email file for one recipient, as one email: with one send id and so one message token, and
 * a link that opts out in any HTML part does so in every text part.
 */
import type { Decorated, DecorateOptions, Recipient } from "../decorate/index.ts";
import { compileParts } from "../decorate/template.ts";
import type { EmailFile } from "./email-file.ts";
import type { TextPart } from "./mime-message.ts";

export interface DecoratedFile extends Pick<Decorated, "headers" | "links" | "message" | "warnings"> {
  readonly texts: ReadonlyMap<TextPart, string>;
}

export function decorateFile({ parts }: EmailFile, options: DecorateOptions, recipient: Recipient): DecoratedFile {
  const sources = parts.map(({ kind, text }) => ({ kind, source: text }));
  const { parts: copies, ...decorated } = compileParts(sources, options).render(recipient);
  return { ...decorated, texts: new Map(parts.map((part, index) => [part, copies[index] ?? part.text])) };
}
