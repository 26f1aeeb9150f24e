/** POST /v1/decorate: one email, sealed for one person. */
import type { Context } from "hono";
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { decorate } from "../decorate/index.ts";
import { readBody } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, fields, Id, Line } from "../http/schemas.ts";
import { suppressionAnswer } from "../suppressions/api.ts";
import { type Told, upsertRecipient } from "../suppressions/recipients.ts";
import type { Suppression } from "../suppressions/suppressions.ts";

const Name = v.pipe(Line, v.minLength(1), v.maxLength(255));

const Body = fields({
  email: fields({ id: Id, name: v.optional(Name) }),
  person: fields({ id: Id, address: v.optional(Address) }),
  campaign: fields({ id: Id, name: v.optional(Name) }),
  html: v.optional(v.string()),
  text: v.optional(v.string()),
  tracking: v.optional(v.picklist(["full", "anonymous", "none"]), "full"),
  /** For mail that must go out whatever they asked for: a receipt, a password. */
  evenIfSuppressed: v.optional(v.boolean(), false),
});

export async function decorateEmail(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env);
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
      keys: settings.tokenKeys,
      origin: settings.trackingOrigin ?? new URL(context.req.url).origin,
      unsubscribePlaceholders: settings.unsubscribePlaceholders,
      honeypotLink: settings.bots.handling.honeypot !== "off",
    },
    { email: body.email.id, person: body.person.id, campaign: body.campaign.id, tracking: body.tracking },
  );
  const suppressions = await learned(context.env.DB, body);
  if (suppressions.length > 0 && !body.evenIfSuppressed) {
    const reasons = suppressions.map(suppressionAnswer).map(({ reason, since, until, cause }) => {
      const time = until === undefined ? `since ${since}` : `until ${until}`;
      return `${reason} ${time} (${cause})`;
    });
    throw new ApiError({
      status: 409,
      code: "suppressed",
      message: `This person must not be mailed: ${reasons.join("; ")}. "evenIfSuppressed": true decorates all the same.`,
      field: "person",
    });
  }
  return context.json({ ...decorated, ...returnPath(settings, decorated.message) });
}

function learned(d1: D1Database, told: Told): Promise<readonly Suppression[]> {
  return orStorageUnavailable("Names and address could not be stored", () =>
    upsertRecipient(d1, told, Date.now()),
  );
}

/** A local part has 64 characters at most (RFC 5321 §4.5.3.1.1). */
const LOCAL_PART_KEPT = 64;

/** The envelope sender by which a bounce without a word about its original still finds its send (VERP). */
function returnPath({ bounceAddress }: Settings, message: string): { returnPath?: string } {
  if (bounceAddress === undefined) return {};
  const [local, domain] = bounceAddress.split("@");
  const own = `${local}+${message}`;
  return own.length > LOCAL_PART_KEPT ? {} : { returnPath: `${own}@${domain}` };
}
