/**
 * Decorates all parts of an email file for one recipient, as one email: with one send id and so one message token, and
 * a link that opts out in any HTML part does so in every text part.
 */
import { copiedIn } from "../decorate/holds-copied.ts";
import type { Decorated, DecorateOptions, Recipient } from "../decorate/index.ts";
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
  const remarks = left.flatMap(({ container, text }) => copiedRemark(container, copiedIn(text, options.keys)));
  return {
    ...decorated,
    texts: new Map(parts.map((part, index) => [part, copies[index] ?? part.text])),
    remarks: [...new Set(remarks)],
  };
}

function copiedRemark(container: string, links: ReturnType<typeof copiedIn>): readonly string[] {
  if (links === "none") return [];
  const what =
    links === "unknown"
      ? "holds more tokens that no key has signed than are checked, and may keep links of another copy"
      : "keeps links of another copy";
  return [`${container} ${what}: what happens to them counts for its recipient. Leave them out.`];
}
