/**
 * Headers by which a provider's server changes a mail after it was decorated: it fills something in, or sends it to
 * others, too. Source: the SMTP pages of Mailgun, Mandrill ("Use SMTP Headers"), Mailjet ("Custom headers"), SendGrid
 * ("X-SMTPAPI") and SparkPost ("SMTP API").
 */
import * as v from "valibot";
import { DecorateError } from "../decorate/index.ts";

const CHANGING_HEADERS = [
  "X-Mailgun-Recipient-Variables",
  "X-Mailgun-Template-Name",
  "X-Mailgun-Template-Variables",
  "X-MC-MergeVars",
  "X-MC-Template",
  "X-MC-BccAddress",
  "X-MJ-TemplateID",
  "X-MJ-TemplateLanguage",
];

/** Headers in JSON, which carry the message token, too, and the fields in them that change a mail. */
const JSON_HEADERS: Readonly<Record<string, readonly string[]>> = {
  "X-SMTPAPI": ["to", "sub", "section", "filters.bcc", "filters.templates"],
  "X-MSYS-API": ["cc", "bcc", "archive"],
};

const Fields = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));

/**
 * @param headerOf a header's name, in any case → its value in the mail
 * @param prefix of the mail's fields that are headers: "h:"
 * @throws {DecorateError} naming the first such header
 */
export function refuseChangingHeaders(headerOf: (name: string) => unknown, prefix = ""): void {
  const plain = CHANGING_HEADERS.find((name) => headerOf(name) !== undefined);
  if (plain !== undefined) throw changes(prefix + plain, "");
  for (const [name, changing] of Object.entries(JSON_HEADERS)) {
    const read = v.safeParse(Fields, headerOf(name));
    const field = read.success ? changing.find((path) => hasPath(read.output, path)) : undefined;
    if (field !== undefined) throw changes(prefix + name, ` by "${field}"`);
  }
}

/** @param path "filters.bcc" */
function hasPath(fields: object, path: string): boolean {
  const [name = "", ...below] = path.split(".");
  if (!(name in fields)) return false;
  return below.length === 0 || hasPath(Object(Reflect.get(fields, name)), below.join("."));
}

function changes(header: string, by: string): DecorateError {
  return new DecorateError(
    header,
    `lets the provider fill in the mail or send it to others${by}, after its links are signed for one person`,
  );
}
