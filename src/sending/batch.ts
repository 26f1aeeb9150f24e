/**
 * POST /v1/decorate/batch: one email decorated for many people, a line each. Guarantees that a line is there for each
 * recipient, in order, and that nothing is stored of recipients beyond the hundred whose lines are being sent: a
 * connection that breaks leaves the others as they were. Gives up an answer's status for what fails behind the first
 * hundred: it is said in their lines.
 */
import * as v from "valibot";
import { DecorateError, type Template, type Variables } from "../decorate/index.ts";
import { nameStatements } from "../events/names.ts";
import { failureIn } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { type ApiFailure, askStorage, orApiError } from "../http/errors.ts";
import { type ApiContext, operation } from "../http/operation.ts";
import { fields, Id, orWrong, PersonAnswer, PersonId, personAnswer } from "../http/schemas.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import type { Sql } from "../platform/sql.ts";
import { type Suppression, SuppressionAnswer, suppressionAnswer, upsertRecipients } from "../suppressions/index.ts";
import { isUnsubscribed } from "./decorate.ts";
import {
  CopyAnswer,
  compileEmail,
  copyAnswer,
  EMAIL_FIELDS,
  keepIfAsked,
  TrackingField,
  VariablesField,
  variablesOption,
} from "./email.ts";

const MAX_RECIPIENTS = 500;
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Recipients whose addresses are stored in one transaction. */
const RECIPIENTS_AT_ONCE = 100;

const Recipient = fields({
  person: PersonId,
  send: v.optional(Id),
  tracking: v.optional(TrackingField),
  variables: v.optional(VariablesField),
});
type Recipient = v.InferOutput<typeof Recipient>;
const RecipientOrWrong = orWrong(Recipient);

const BatchBody = fields({
  ...EMAIL_FIELDS,
  /** For those who have none of their own of a name. */
  variables: v.optional(VariablesField),
  // A wrong recipient is refused by a line.
  recipients: v.pipe(
    v.array(RecipientOrWrong, "must be a list"),
    v.minLength(1, "must hold a recipient"),
    v.maxLength(MAX_RECIPIENTS, `must hold at most ${MAX_RECIPIENTS} recipients`),
  ),
});
type BatchBody = v.InferOutput<typeof BatchBody>;

/** A line: a copy, or why there is none. */
const BatchLine = v.pipe(
  v.union([
    v.object({ index: v.number(), person: PersonAnswer, ...CopyAnswer.entries }),
    v.object({ index: v.number(), person: PersonAnswer, suppressed: v.array(SuppressionAnswer) }),
    v.object({
      index: v.number(),
      person: v.optional(PersonAnswer),
      error: v.object({ code: v.string(), message: v.string(), field: v.optional(v.string()) }),
    }),
  ]),
  v.title("BatchLine"),
);

/** Answers lines of JSON: a copy, `suppressed`, or `error`, each with the recipient's `index`. */
export const decorateBatch = operation({
  summary: "Decorate an email for many people",
  description:
    "Answers a line for each recipient, in order, as `POST /v1/decorate` would answer, with `index` and `person`. A " +
    "suppressed person's line has `suppressed`, the line of a wrong recipient `error`. `{{name}}` is filled for all " +
    "as soon as the batch or a recipient has `variables`.",
  body: BatchBody,
  maxBodyBytes: MAX_BODY_BYTES,
  answers: {
    200: {
      description: "A line of JSON for each recipient, of this form",
      contentType: "application/x-ndjson",
      schema: BatchLine,
    },
  },
  example: {
    body: {
      email: { id: 1042, name: "November news" },
      campaign: 88012,
      html: '<p>Dear {{name}}, <a href="https://example.com/news?reader={{reader}}">read on</a>. {{unsubscribe}}</p>',
      recipients: [
        { person: { id: 7, address: "marie@example.com" }, variables: { name: "Marie", reader: "m-7" } },
        { person: { id: 8, address: "jean@example.com" }, variables: { name: "Jean", reader: "j-8" } },
      ],
    },
  },
  handle: async (context, { body }) => {
    const { bounceAddress } = configured(context.env, "BOUNCE_ADDRESS");
    const recipients = body.recipients.map(readRecipient);
    const ofSome = recipients.some((each) => each.ok && each.value.variables !== undefined);
    const template = compileEmail(context, body, variablesOption(ofSome || body.variables !== undefined));
    const batch = { context, body, template, recipients, bounceAddress };
    // What fails before the first line is the status of the answer.
    const lines = linesOf(batch, orApiError(await storeFirst(batch)));
    const first = await lines.next();
    await keepIfAsked(context, body, template, {});
    return new Response(streamOf(first, lines), {
      headers: { "Content-Type": "application/x-ndjson; charset=utf-8" },
    });
  },
});

type LineError = Pick<ApiFailure, "code" | "message" | "field">;

function readRecipient(recipient: v.InferOutput<typeof RecipientOrWrong>, index: number): Result<Recipient, LineError> {
  if ("input" in recipient) return ok(recipient.input);
  const { status: _, ...error } = failureIn(Recipient, recipient.raw, `recipients.${index}`);
  return refused(error);
}

interface Batch {
  readonly context: ApiContext;
  readonly body: BatchBody;
  readonly template: Template;
  readonly recipients: readonly Result<Recipient, LineError>[];
  readonly bounceAddress: string | undefined;
}

/** The suppressions of a group's recipients who are right, in their order. */
type StoredGroup = readonly (readonly Suppression[])[];

/** @param first what is stored already. When a later group cannot be stored, each of its lines says so */
async function* linesOf(batch: Batch, first: StoredGroup): AsyncGenerator<string, undefined> {
  for (let start = 0; start < batch.recipients.length; start += RECIPIENTS_AT_ONCE) {
    const group = batch.recipients.slice(start, start + RECIPIENTS_AT_ONCE);
    const stored = start === 0 ? ok(first) : await storeLater(batch, group);
    let nth = 0;
    for (const [offset, recipient] of group.entries()) {
      const index = start + offset;
      const found = recipient.ok && stored.ok ? stored.value[nth++] : undefined;
      yield `${JSON.stringify({ index, ...lineOf(batch, index, recipient, stored.ok ? ok(found ?? []) : stored) })}\n`;
    }
  }
  return undefined;
}

/** Stores the names, too. */
function storeFirst(batch: Batch): Promise<Result<StoredGroup, ApiFailure>> {
  return storeGroup(batch, batch.recipients.slice(0, RECIPIENTS_AT_ONCE), namesIn(batch));
}

async function storeLater(batch: Batch, group: Batch["recipients"]): Promise<Result<StoredGroup, LineError>> {
  const stored = await storeGroup(batch, group, []);
  return stored.ok ? stored : refused({ code: stored.reason.code, message: stored.reason.message });
}

/** Stores the addresses of those who are right. */
function storeGroup(
  { context }: Batch,
  group: Batch["recipients"],
  names: readonly Sql[],
): Promise<Result<StoredGroup, ApiFailure>> {
  const persons = group.flatMap((recipient) => (recipient.ok ? [recipient.value.person] : []));
  return askStorage("Names and addresses could not be stored", () =>
    upsertRecipients(context.env.DB, { names, persons }, Date.now()),
  );
}

/** The names of email, campaign and links. Reports show links with variables as the template has them. */
function namesIn({ body: { email, campaign }, template }: Batch): readonly Sql[] {
  const links = template
    .describe({ email: email.id })
    .links.filter(({ name, url }) => name !== undefined || url.includes("{{"));
  return nameStatements({ email, campaign, links }, { areUrlsKept: false });
}

function lineOf(
  { body, template, bounceAddress }: Batch,
  index: number,
  recipient: Result<Recipient, LineError>,
  stored: Result<readonly Suppression[], LineError>,
): object {
  if (!recipient.ok) return { error: recipient.reason };
  const { person, send, tracking = body.tracking } = recipient.value;
  const named = { person: personAnswer(person.id) };
  if (!stored.ok) return { ...named, error: stored.reason };
  const suppressions = stored.value;
  if (suppressions.length > 0 && !body.evenIfSuppressed)
    return { ...named, suppressed: suppressions.map(suppressionAnswer) };
  try {
    const copy = template.render({
      email: body.email.id,
      person: person.id,
      campaign: body.campaign.id,
      ...(send === undefined ? {} : { send }),
      tracking,
      unsubscribeOnly: isUnsubscribed(suppressions),
      variables: variablesOf(template, recipient.value.variables, body.variables),
    });
    return { ...named, ...copyAnswer(copy, bounceAddress) };
  } catch (error) {
    if (!(error instanceof DecorateError)) throw error;
    const field = `recipients.${index}.${error.field}`;
    const message = `recipients.${index}.${error.message}.`;
    return { ...named, error: { code: "invalid_field", message, field } };
  }
}

/** The values of the names that the template has: a recipient's own, else those that hold for all. */
function variablesOf({ variables: names }: Template, own: Variables = {}, all: Variables = {}): Variables {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = [own, all].find((values) => Object.hasOwn(values, name))?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The next line is made when the one before is on its way. */
function streamOf(first: IteratorResult<string>, lines: AsyncGenerator<string, undefined>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | undefined = Promise.resolve(first);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await (next ?? lines.next());
      next = undefined;
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}
