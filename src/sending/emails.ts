/** POST /v1/emails: what an email and its links are called, for reports of those who decorate with the library. */
import * as v from "valibot";
import { type Named, nameStatements } from "../events/names.ts";
import { orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { fields, Id, IdAnswer, idAnswer, Line, Name, NamedIdField } from "../http/schemas.ts";
import { retryOnce } from "../platform/errors.ts";
import { runBatch } from "../platform/sql.ts";
import { MAX_DESTINATION_BYTES } from "../tokens/destination.ts";

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
    "Gives reports its name, its links' names, and the links that nobody has clicked yet. The library's " +
    "`template.describe` makes the body.",
  body: fields({
    email: NamedIdField,
    campaign: v.optional(NamedIdField),
    links: v.optional(
      v.pipe(v.array(DescribedLink), v.maxLength(MAX_LINKS, `must hold at most ${MAX_LINKS} links`)),
      [],
    ),
  }),
  answers: {
    200: {
      description: "What was stored",
      schema: v.object({ email: IdAnswer, campaign: v.optional(IdAnswer), links: v.number() }),
    },
  },
  example: {
    body: {
      email: { id: 1042, name: "November news" },
      campaign: { id: 88012, name: "Letters of November" },
      links: [{ id: "6c53f004", name: "Story", url: "https://example.com/news" }],
    },
  },
  handle: async (context, { body }) => {
    await orStorageUnavailable("The email could not be stored", () =>
      retryOnce(async () => {
        const statements = nameStatements(body, { areUrlsKept: false });
        if (statements.length > 0) await runBatch(context.env.DB, statements);
      }),
    );
    const { email, campaign, links } = body;
    return context.json({
      email: answerOf(email),
      ...(campaign === undefined ? {} : { campaign: answerOf(campaign) }),
      links: links.length,
    });
  },
});

function answerOf({ id, name }: Named) {
  return idAnswer(id, name);
}
