/**
 * Decorates all parts of an email file for one recipient, with one send id and so one message token. The first HTML
 * part and the first plain text are decorated together, as /v1/decorate does; further parts by themselves.
 */
import { type Decorated, type DecorateOptions, decorate, type Recipient } from "../decorate/index.ts";
import { newSend } from "../decorate/random.ts";
import type { EmailFile } from "./email-file.ts";
import type { TextPart } from "./mime-message.ts";

export interface DecoratedFile extends Pick<Decorated, "headers" | "links" | "message" | "warnings"> {
  readonly texts: ReadonlyMap<TextPart, string>;
}

export function decorateFile(file: EmailFile, options: DecorateOptions, recipient: Recipient): DecoratedFile {
  const one = { ...recipient, send: recipient.send ?? newSend() };
  const html = file.parts.find(({ kind }) => kind === "html");
  const text = file.parts.find(({ kind }) => kind === "text");
  const texts = new Map<TextPart, string>();
  const decorateTogether = (parts: { readonly html?: TextPart | undefined; readonly text?: TextPart | undefined }) => {
    const decorated = decorate(
      { ...(parts.html && { html: parts.html.text }), ...(parts.text && { text: parts.text.text }) },
      options,
      one,
    );
    if (parts.html) texts.set(parts.html, decorated.html ?? "");
    if (parts.text) texts.set(parts.text, decorated.text ?? "");
    return decorated;
  };
  const first = decorateTogether({ html, text });
  const further = file.parts
    .filter((part) => part !== html && part !== text)
    .map((part) => decorateTogether({ [part.kind]: part }));
  const all = [first, ...further];
  const links = new Map(all.flatMap((each) => each.links).map((link) => [link.id, link]));
  return {
    texts,
    headers: first.headers,
    message: first.message,
    links: [...links.values()],
    warnings: all.flatMap((each) => each.warnings),
  };
}
