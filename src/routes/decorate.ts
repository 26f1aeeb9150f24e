/** POST /v1/decorate: one email, sealed for one person. */
import type { Context } from "hono";
import * as v from "valibot";
import { decorate } from "../decorate/index.ts";
import type { Env } from "../env.ts";
import { isolateOf } from "../isolate.ts";
import { learn } from "../log/recipients.ts";
import { ApiError, fields, Id, readBody } from "./api.ts";

/** Neither control characters nor half a surrogate pair: D1 would give back another text. */
const Line = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be one line of text, without control characters"),
);
const Name = v.pipe(Line, v.minLength(1), v.maxLength(255));
const Address = v.pipe(
  Line,
  // RFC 5321 §4.5.3.1 grants 254 characters. More than "something@something" is the mail server's to judge.
  v.maxLength(254),
  v.regex(/^[^\s@]+@[^\s@]+$/, "must be an address like marie@example.com"),
);

const Body = fields({
  email: fields({ id: Id, name: v.optional(Name) }),
  person: fields({ id: Id, address: v.optional(Address) }),
  campaign: fields({ id: Id, name: v.optional(Name) }),
  html: v.optional(v.string()),
  text: v.optional(v.string()),
  tracking: v.optional(v.picklist(["full", "anonymous", "none"]), "full"),
});

export async function decorateEmail(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { settings } = isolateOf(context.env);
  if (!settings.ok)
    throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
  const body = await readBody(context, Body);
  if (body.html === undefined && body.text === undefined) {
    throw new ApiError({
      status: 400,
      code: "missing_field",
      message: "html or text must be there.",
      field: "html",
    });
  }
  const decorated = decorate(
    {
      ...(body.html === undefined ? {} : { html: body.html }),
      ...(body.text === undefined ? {} : { text: body.text }),
    },
    {
      keys: settings.value.tokenKeys,
      origin: settings.value.trackingOrigin ?? new URL(context.req.url).origin,
      unsubscribePlaceholders: settings.value.unsubscribePlaceholders,
    },
    { email: body.email.id, person: body.person.id, campaign: body.campaign.id, tracking: body.tracking },
  );
  try {
    await learn(context.env.DB, body);
  } catch (error) {
    console.error(JSON.stringify({ message: "recipient not stored", error: String(error) }));
    throw new ApiError({
      status: 503,
      code: "storage_unavailable",
      message: "Names and address could not be stored; try again in a moment.",
    });
  }
  return context.json(decorated);
}
