/** `waxseal clients`: adds, lists and revokes the programs that may use a Worker, each with an id and a secret. */
import { type Command, InvalidArgumentError } from "commander";
import { SCOPES, type Scope } from "../access/scope.ts";
import type { Schemas } from "../client/index.ts";
import { confirmIrreversible } from "./ask.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type JsonOptions, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { type ListForm, printList } from "./printed-list.ts";
import { apiEntries, callApi } from "./worker-api.ts";

export function addClientsCommand(program: Command): void {
  const clients = program.command("clients").description("programs that may read the log, send or administer");
  withConnection(clients.command("add"))
    .description("add one, and show its secret, once")
    .argument("<name>", "what people call it")
    .option("--scope <scope>", "read, pii, send or admin; several by repeating it (required)", readScope)
    .option("--json", "one object")
    .action(add);
  withConnection(clients.command("list"))
    .description("list all, revoked ones too")
    .option("--json", "one object a line")
    .action(list);
  withConnection(clients.command("revoke"))
    .description("refuse one from now on")
    .argument("<id>", "the id that list shows")
    .option("--yes", "without asking")
    .action(revoke);
}

async function add(
  name: string,
  { scope: scopes, json = false, ...given }: JsonOptions & { readonly scope?: readonly Scope[] },
): Promise<void> {
  if (scopes === undefined) {
    throw usageError(
      "What may it do?",
      "Say so by --scope: read (the log, its reports), pii (with it, whole addresses), " +
        "send (decorate, report events), admin (everything).",
    );
  }
  const worker = await findWorker(given);
  const body = { name, scopes: [...scopes] };
  const added = await callApi(worker, (api) => api.POST("/v1/clients", { body }), { has: "secret" });
  if (json) return console.log(printableJson(added));
  console.log(`client_id      ${added.id}\nclient_secret  ${added.secret}`);
  const tokenUrl = new URL("/identity/oauth/token", worker.origin).href;
  console.error(
    `\nThe secret is not shown again. For an access token, valid for an hour:\n  curl ${tokenUrl} ` +
      `-d "grant_type=client_credentials&client_id=${added.id}&client_secret=<client_secret>"`,
  );
}

async function list({ json = false, ...given }: JsonOptions): Promise<void> {
  const pages = apiEntries(await findWorker(given), (api, query) => api.GET("/v1/clients", { params: { query } }));
  await printList(pages, CLIENTS, { json });
}

const CLIENTS: ListForm<Schemas["Client"]> = {
  head: ["id", "name", "scopes", "since", "revoked"],
  cells: (each) => [each.id, each.name, each.scopes.join(" "), each.createdAt, each.revokedAt ?? ""],
  empty: 'There are no clients. "waxseal clients add" adds one.',
};

async function revoke(id: string, { yes, ...given }: Connection & { readonly yes?: boolean }): Promise<void> {
  const worker = await findWorker(given);
  await confirmIrreversible(`Revoke client ${printable(id)} at ${worker.origin}?`, yes);
  await callApi(worker, (api) => api.POST("/v1/clients/revoke", { body: { id } }), {
    has: "revoked",
    whenNotFound: '"waxseal clients list" shows the ids.',
  });
  console.log(`Revoked: ${printable(id)}. Its secret and its access token are refused from now on.`);
}

function readScope(text: string, before: readonly Scope[] = []): readonly Scope[] {
  const scope = SCOPES.find((each) => each === text);
  if (scope === undefined) throw new InvalidArgumentError(`A scope is one of ${SCOPES.join(", ")}.`);
  return [...before, scope];
}
