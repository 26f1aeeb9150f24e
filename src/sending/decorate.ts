/** POST /v1/decorate: one email decorated for one person, unless the person is suppressed. */
import type { Context } from "hono";
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { type Decorated, decorate, returnPath } from "../decorate/index.ts";
import { readBody } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, fields, Id, Line } from "../http/schemas.ts";
import { type Suppression, suppressionAnswer, upsertRecipient } from "../suppressions/index.ts";

const Name = v.pipe(Line, v.minLength(1), v.maxLength(255));

const DecorateBody = fields({
  email: fields({ id: Id, name: v.optional(Name) }),
  person: fields({ id: Id, address: v.optional(Address) }),
  campaign: fields({ id: Id, name: v.optional(Name) }),
  html: v.optional(v.string()),
  text: v.optional(v.string()),
  tracking: v.optional(v.picklist(["full", "anonymous", "none"]), "full"),
  pixel: v.optional(v.picklist(["top", "end"]), "end"),
  /** For mail that must reach a suppressed person, too: a receipt, a password. */
  evenIfSuppressed: v.optional(v.boolean(), false),
});
type DecorateBody = v.InferOutput<typeof DecorateBody>;

/**
 * Answers what `decorate` returns, and `returnPath`, the envelope sender, when BOUNCE_ADDRESS is set.
 * @throws {ApiError} 400 for a wrong body, 409 with the reasons for a suppressed person, 503 when D1 is out of reach
 */
export async function decorateEmail(context: Context<{ Bindings: Env }>): Promise<Response> {
  const settings = configured(context.env, "TRACKING_ORIGIN", "BOUNCE_ADDRESS");
  const body = await readBody(context, DecorateBody);
  if (body.html === undefined && body.text === undefined) {
    throw new ApiError({
      status: 400,
      code: "missing_field",
      message: "html or text must be there.",
      field: "html",
    });
  }
  const suppressions = await orStorageUnavailable("Names and address could not be stored", () =>
    upsertRecipient(context.env.DB, body, Date.now()),
  );
  if (suppressions.length > 0 && !body.evenIfSuppressed) throw suppressedError(suppressions);
  const origin = settings.trackingOrigin ?? new URL(context.req.url).origin;
  // Whoever may send could otherwise undo an opt-out by a link that they have made for it.
  const unsubscribeOnly = suppressions.some(({ reason }) => reason === "unsubscribed");
  const decorated = decorateBody(body, settings, { origin, unsubscribeOnly });
  const { bounceAddress } = settings;
  const envelopeSender = bounceAddress === undefined ? undefined : returnPath(bounceAddress, decorated.message);
  return context.json({ ...decorated, ...(envelopeSender === undefined ? {} : { returnPath: envelopeSender }) });
}

function decorateBody(
  body: DecorateBody,
  settings: Settings,
  { origin, unsubscribeOnly }: { readonly origin: string; readonly unsubscribeOnly: boolean },
): Decorated {
  const { html, text, email, person, campaign, tracking, pixel } = body;
  return decorate(
    { ...(html === undefined ? {} : { html }), ...(text === undefined ? {} : { text }) },
    {
      keys: settings.tokenKeys,
      origin,
      unsubscribePlaceholders: settings.unsubscribePlaceholders,
      honeypotLink: settings.bots.handling.honeypot !== "off",
      pixel,
    },
    { email: email.id, person: person.id, campaign: campaign.id, tracking, unsubscribeOnly },
  );
}

function suppressedError(suppressions: readonly Suppression[]): ApiError {
  const reasons = suppressions.map(suppressionAnswer).map(({ reason, since, until, cause }) => {
    const time = until === undefined ? `since ${since}` : `until ${until}`;
    return `${reason} ${time} (${cause})`;
  });
  return new ApiError({
    status: 409,
    code: "suppressed",
    message: `This person is suppressed: ${reasons.join("; ")}. "evenIfSuppressed": true decorates all the same.`,
    field: "person",
  });
}
