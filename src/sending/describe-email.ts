/** POST /v1/emails: what an email and its links are called, for reports of those who decorate with the library. */
import * as v from "valibot";
import type { Settings } from "../config/settings.ts";
import { type Named, nameStatements } from "../events/names.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { fields, Id, IdAnswer, idAnswer, Line, Name, NamedIdField } from "../http/schemas.ts";
import { retryOnce } from "../platform/errors.ts";
import { runBatch } from "../platform/sql.ts";
import { MAX_DESTINATION_BYTES } from "../tokens/destination.ts";
import { compileSource, PartField } from "./email.ts";
import { type KeptSource, keepSource } from "./source/keep.ts";

const MAX_LINKS = 1_000;

const DescribedLink = fields({
  id: Id,
  name: v.optional(Name),
  url: v.pipe(Line, v.minLength(1), v.maxLength(MAX_DESTINATION_BYTES)),
});

/** Answers what is stored now. What was described before is replaced; links that are not named stay. */
export const describeEmail = operation({
  summary: "Describe an email",
  description:
    "Gives reports its name, its links' names, and the links that nobody has clicked yet; the dashboard its HTML, " +
    "which is kept without what is personal. The library's `template.describe` makes the body.",
  body: fields({
    email: NamedIdField,
    campaign: v.optional(NamedIdField),
    links: v.optional(
      v.pipe(v.array(DescribedLink), v.maxLength(MAX_LINKS, `must hold at most ${MAX_LINKS} links`)),
      [],
    ),
    html: v.optional(PartField),
  }),
  answers: {
    200: {
      description: "What was stored",
      schema: v.object({
        email: IdAnswer,
        campaign: v.optional(IdAnswer),
        links: v.number(),
        isSourceKept: v.optional(v.boolean()),
      }),
    },
  },
  example: {
    body: {
      email: { id: 1042, name: "November news" },
      campaign: { id: 88012, name: "Letters of November" },
      links: [{ id: "6c53f004", name: "Story", url: "https://example.com/news" }],
      html: '<p>Hello, <a href="#waxseal-link-6c53f004">read on</a>.</p>',
    },
  },
  handle: async (context, { body }) => {
    const { email, campaign, html } = body;
    const template = html === undefined ? undefined : compileSource(context, html);
    const ofHtml = template?.describe({ email: email.id }).links ?? [];
    const links = body.links.length > 0 ? body.links : ofHtml;
    const { personalParameters } = configured(context.env);
    const kept = await orStorageUnavailable("The email could not be stored", async () => {
      await retryOnce(async () => {
        const statements = nameStatements({ email, campaign, links }, { areUrlsKept: false });
        if (statements.length > 0) await runBatch(context.env.DB, statements);
      });
      return await keep(context.env, { email: email.id, html: template?.markedHtml(), personalParameters });
    });
    if (kept === "too_large") throw new ApiError(TOO_LARGE);
    return context.json({
      email: answerOf(email),
      ...(campaign === undefined ? {} : { campaign: answerOf(campaign) }),
      links: links.length,
      ...(template === undefined ? {} : { isSourceKept: true }),
    });
  },
});

const TOO_LARGE = {
  status: 400,
  code: "invalid_field",
  message: "html: has too many elements, or elements too deep in each other, to be kept.",
  field: "html",
} as const;

interface Described {
  readonly email: string;
  readonly html: string | undefined;
  readonly personalParameters: Settings["personalParameters"];
}

async function keep(env: Env, { email, html, personalParameters }: Described): Promise<KeptSource | "none"> {
  if (html === undefined) return "none";
  const personal = { person: {}, parameters: personalParameters };
  return await keepSource(env, { email, html, personal, nowMs: Date.now(), isDescribed: true });
}

function answerOf({ id, name }: Named) {
  return idAnswer(id, name);
}
