/** `waxseal message`: one message and its events; or the messages of an address, a person, an email or a campaign. */
import { type Command, Option } from "commander";
import type { Schemas } from "../client/index.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { type ListForm, printList } from "./printed-list.ts";
import type { Profile } from "./profiles.ts";
import { apiEntries, callApi, withoutUndefined } from "./worker-api.ts";

const STATUSES = [
  "delivered",
  "hard_bounced",
  "soft_bounced",
  "pending",
  "no_response",
] as const satisfies readonly Schemas["Message"]["status"][];
const DEFAULT_MESSAGES = 100;

interface MessageOptions extends Connection {
  readonly address?: string;
  readonly person?: string;
  readonly email?: string;
  readonly campaign?: string;
  readonly status?: (typeof STATUSES)[number];
  readonly limit?: string;
  readonly json?: boolean;
}

export function addMessageCommand(program: Command): void {
  withConnection(program.command("message"))
    .description("show what became of a message; or list those of an address, a person, an email")
    .argument("[ids...]", "a message token; or the ids of email, campaign and person")
    .option("--address <address>", "list those to everybody with this address, newest first")
    .option("--person <id>", "list those to this person")
    .option("--email <id>", "list those of this email")
    .option("--campaign <id>", "list those of this campaign")
    .addOption(new Option("--status <status>", "list those of which this became").choices(STATUSES))
    .option("--limit <number>", `how many to list at most (default: ${DEFAULT_MESSAGES})`)
    .option("--json", "one object a line")
    .action(showMessages);
}

async function showMessages(ids: readonly string[], options: MessageOptions): Promise<void> {
  const { address, person, email, campaign, status, limit = String(DEFAULT_MESSAGES), json = false } = options;
  const filter = withoutUndefined({ address, person, email, campaign, status });
  const isList = Object.keys(filter).length > 0;
  if (isList === ids.length > 0 || (!isList && ids.length !== 1 && ids.length !== 3)) {
    throw usageError(
      isList ? "A message and a list exclude each other." : "Which message?",
      "Give a message token, or the ids of email, campaign and person; or --address marie@example.com for a list.",
    );
  }
  const worker = await findWorker(options);
  if (!isList) return await showMessage(worker, ids, json);
  const most = Number(limit);
  if (!Number.isSafeInteger(most) || most < 1) throw usageError(`--limit ${limit} is no number.`, "Give 1 or more.");
  const messages = apiEntries(worker, (api, page) =>
    api.GET("/v1/messages", { params: { query: { ...filter, limit: Math.min(most, 1_000), ...page } } }),
  );
  await printList(messages, MESSAGES, { json, most });
}

async function showMessage(worker: Profile, ids: readonly string[], json: boolean): Promise<void> {
  const [first = "", campaign, person] = ids;
  const has = { has: "message", whenNotFound: '"waxseal message --address …" lists messages.' } as const;
  const { message, data, next } =
    campaign === undefined || person === undefined
      ? await callApi(worker, (api) => api.GET("/v1/messages/{token}", { params: { path: { token: first } } }), has)
      : await callApi(
          worker,
          (api) =>
            api.GET("/v1/messages/{email}/{campaign}/{person}", {
              params: { path: { email: first, campaign, person } },
            }),
          has,
        );
  if (json) return console.log(printableJson({ ...message, events: data }));
  const { email, sentAt, status } = message;
  const { id, address } = message.person;
  const who = address === undefined ? `person ${id}` : `person ${id} (${address})`;
  const lines = data.map(({ text }) => `  ${text}`);
  const mail = email.name === undefined ? `Email ${email.id}` : `Email ${email.id} "${email.name}"`;
  console.log(printable([`${mail} to ${who}, ${sentAt}: ${status}`, ...lines].join("\n")));
  if (next !== undefined) console.error("It has more events; GET /v1/messages pages through them.");
}

const MESSAGES: ListForm<Schemas["Message"]> = {
  head: ["sent", "email", "campaign", "person", "status", "opened", "clicks"],
  cells: cellsOf,
  empty: "There are no such messages.",
};

function cellsOf({ sentAt, email, campaign, person, status, opened, clicks }: Schemas["Message"]): string[] {
  return [
    sentAt,
    email.name === undefined ? String(email.id) : `${email.id} ${email.name}`,
    String(campaign.id),
    person.address === undefined ? String(person.id) : `${person.id} ${person.address}`,
    status.replace("_", " "),
    opened ? "yes" : "",
    clicks === 0 ? "" : String(clicks),
  ];
}
