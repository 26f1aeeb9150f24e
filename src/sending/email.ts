/** What /v1/decorate and its batch take of an email, and how they decorate it. */
import * as v from "valibot";
import {
  compile,
  type Decorated,
  DecorateError,
  type DecorateOptions,
  returnPath,
  type Template,
} from "../decorate/index.ts";
import { configured } from "../http/configured.ts";
import { ApiError } from "../http/errors.ts";
import type { ApiContext } from "../http/operation.ts";
import { fields, Line, NamedIdField } from "../http/schemas.ts";
import { logger } from "../platform/logger.ts";
import { keepSource } from "./source/keep.ts";
import type { Personal } from "./source/personal.ts";

const MAX_UTM_CHARS = 255;
const UtmValue = v.optional(v.pipe(Line, v.minLength(1), v.maxLength(MAX_UTM_CHARS)));

export const TrackingField = v.picklist(["full", "anonymous", "none"], 'must be "full", "anonymous" or "none"');

/** By name, what a copy says for `{{name}}`. */
export const VariablesField = v.record(v.string(), v.union([v.string(), v.number()], "must be a text or a number"));

const MAX_PART_CHARS = 1_048_576;
/** The HTML or the text of an email. */
export const PartField = v.pipe(
  v.string(),
  v.maxLength(MAX_PART_CHARS, `must hold at most ${MAX_PART_CHARS} characters`),
);

/** The fields of a body that say what is decorated, and how. */
export const EMAIL_FIELDS = {
  email: NamedIdField,
  campaign: NamedIdField,
  html: v.optional(PartField),
  text: v.optional(PartField),
  tracking: v.optional(TrackingField, "full"),
  pixel: v.optional(v.picklist(["top", "end"], 'must be "top" or "end"'), "end"),
  unsubscribe: v.optional(v.picklist(["list", "none"], 'must be "list" or "none"'), "list"),
  origin: v.optional(v.string()),
  utm: v.optional(
    fields({ source: UtmValue, medium: UtmValue, campaign: UtmValue, term: UtmValue, content: UtmValue, id: UtmValue }),
  ),
  /** For mail that must reach a suppressed person, too: a receipt, a password. */
  evenIfSuppressed: v.optional(v.boolean(), false),
  /** Whether the HTML is kept, without what is personal, for the dashboard. */
  keepSource: v.optional(v.boolean(), false),
};
const EmailFields = fields(EMAIL_FIELDS);
type EmailFields = v.InferOutput<typeof EmailFields>;

/** What is answered of one copy. */
export const CopyAnswer = v.pipe(
  v.object({
    html: v.optional(v.string()),
    text: v.optional(v.string()),
    headers: v.record(v.string(), v.string()),
    message: v.string(),
    send: v.string(),
    returnPath: v.optional(v.string()),
    links: v.array(v.object({ id: v.string(), name: v.optional(v.string()), url: v.string() })),
    warnings: v.array(v.object({ code: v.string(), url: v.optional(v.string()), message: v.string() })),
  }),
  v.title("Copy"),
);

/**
 * Parses the email of a body.
 * @throws {ApiError} 400 for what is wrong with it, 503 for a wrong setting that it needs
 */
export function compileEmail(context: ApiContext, body: EmailFields, more: Partial<DecorateOptions> = {}): Template {
  const { html, text, pixel, unsubscribe, utm } = body;
  if (html === undefined && text === undefined) {
    throw new ApiError({ status: 400, code: "missing_field", message: "html or text must be there.", field: "html" });
  }
  const settings = configured(context.env);
  const options: DecorateOptions = {
    keys: settings.tokenKeys,
    origin: originOf(context, body.origin),
    unsubscribePlaceholders: settings.unsubscribePlaceholders,
    honeypotLink: settings.bots.handling.honeypot !== "off",
    personalParameters: settings.personalParameters,
    pixel,
    unsubscribe,
    ...(utm === undefined ? {} : { utm: definedOf(utm) }),
    ...more,
  };
  return orWrongField(() => compile(definedOf({ html, text }), options));
}

/**
 * Parses HTML that is only to be kept: marked by the library, or the email as it is. Variables in links are recognised
 * where links may have them.
 * @throws {ApiError} 400 for what is wrong with it, 503 for a wrong setting that it needs
 */
export function compileSource(context: ApiContext, html: string): Template {
  const { tokenKeys: keys, unsubscribePlaceholders, personalParameters } = configured(context.env);
  const options = { keys, origin: originOf(context, undefined), unsubscribePlaceholders, personalParameters };
  try {
    return compile(html, { ...options, variables: true });
  } catch (error) {
    if (!(error instanceof DecorateError)) throw error;
    return orWrongField(() => compile(html, { ...options, variables: false }));
  }
}

/** Keeps the email's HTML where the call asks for it. Mail goes out whether or not it can be kept. */
export async function keepIfAsked(
  context: ApiContext,
  { email, keepSource: isAsked }: EmailFields,
  template: Template,
  person: Personal["person"],
): Promise<void> {
  const html = isAsked ? template.markedHtml() : undefined;
  if (html === undefined) return;
  const personal = { person, parameters: configured(context.env).personalParameters };
  try {
    const kept = await keepSource(context.env, { email: email.id, html, personal, nowMs: Date.now() });
    if (kept === "too_large") logger.warn("an email has too many elements to be kept");
  } catch (error) {
    logger.error("an email's source could not be kept", { error });
  }
}

/** The option `variables`: left out without values, so that the warning `unfilled` names what is left. */
export function variablesOption(areGiven: boolean): Pick<DecorateOptions, "variables"> {
  return areGiven ? { variables: true } : {};
}

/** Returns what `decorating` does. @throws {ApiError} 400 for a DecorateError */
export function orWrongField<T>(decorating: () => T): T {
  try {
    return decorating();
  } catch (error) {
    if (!(error instanceof DecorateError)) throw error;
    const { field, message } = error;
    throw new ApiError({ status: 400, code: "invalid_field", message: `${message}.`, field });
  }
}

/** With `returnPath`, the envelope sender, when there is an address for bounces. */
export function copyAnswer(copy: Decorated, bounceAddress: string | undefined) {
  const envelopeSender = bounceAddress === undefined ? undefined : returnPath(bounceAddress, copy.message);
  return { ...copy, ...(envelopeSender === undefined ? {} : { returnPath: envelopeSender }) };
}

/** Where the links of a call lead. @param named its `origin` */
function originOf(context: ApiContext, named: string | undefined): string {
  const { trackingOrigins } = configured(context.env);
  if (named !== undefined && trackingOrigins.some(({ origin }) => origin === named)) return named;
  const { trackingOrigin } = configured(context.env, "TRACKING_ORIGIN");
  const byDefault = trackingOrigin ?? new URL(context.req.url).origin;
  if (named === undefined || named === byDefault) return byDefault;
  configured(context.env, "TRACKING_ORIGINS");
  const known = new Set([byDefault, ...trackingOrigins.map(({ origin }) => origin)]);
  const message = `origin: must be one of the configured origins: ${[...known].join(", ")}.`;
  throw new ApiError({ status: 400, code: "invalid_field", message, field: "origin" });
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the fields that are undefined. */
function definedOf<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
