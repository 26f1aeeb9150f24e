/** The OpenAPI document: each operation works with the example that it prints, and answers as it says. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { BY_ADDRESS } from "../../src/suppressions/addresses.ts";
import { EXAMPLE_PATH } from "../../src/webhooks/api.ts";
import { emptyStorage } from "../empty-storage.ts";
import { post } from "../outcomes.ts";
import { ask, environment, openApiDocument } from "../worker.ts";
import { AnswerCheck, type DescribedOperation } from "./answer-check.ts";

const { paths, components } = await openApiDocument();
const check = new AnswerCheck({ paths, components });
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
);

/** What an example needs, by the operation. */
const SETUP: Readonly<Record<string, (example: unknown) => Promise<unknown>>> = {
  "DELETE /v1/suppressions": async (example) => {
    await env.DB.prepare(
      "INSERT OR REPLACE INTO suppressions (subject, reason, since, cause) VALUES ('address:' || ?1, ?2, 1, ?3)",
    )
      .bind(fieldOf(example, "address"), fieldOf(example, "reason"), BY_ADDRESS)
      .run();
  },
  "POST /v1/clients/revoke": async (example) => {
    const { id } = await addClient(env.DB, { name: "warehouse", scopes: ["read"], createdAtMs: Date.now() });
    await env.DB.prepare("UPDATE clients SET id = ?1 WHERE id = ?2").bind(fieldOf(example, "id"), id).run();
  },
  ...Object.fromEntries(
    ["GET", "PATCH", "DELETE"].map((method) => [`${method} /v1/webhook-endpoints/{id}`, addExampleEndpoint]),
  ),
  ...Object.fromEntries(
    ["POST rotate", "POST test", "POST replay", "DELETE replay", "GET deliveries"].map((operation) => {
      const [method, what] = operation.split(" ");
      return [`${method} /v1/webhook-endpoints/{id}/${what}`, addExampleEndpoint];
    }),
  ),
  "POST /v1/webhook-endpoints/{id}/skip": async (example) => {
    await addExampleEndpoint();
    await runInDurableObject(env.WEBHOOKS.getByName(EXAMPLE_PATH.id), (_instance, { storage }) => {
      const events = JSON.stringify([{ id: fieldOf(example, "event"), seq: 6, type: "email.sent" }]);
      storage.sql.exec(
        `INSERT OR REPLACE INTO deliveries (id, kind, webhook_id, type, events, first_at, last_at, tries, state, text,
        duration_ms, next_at, retrying, recorded_at)
        VALUES (1, 'live', 'evt_6', 'email.sent', ?, 1, 1, 1, 'waiting', '', 1, 2, 0, 1)`,
        events,
      );
      storage.kv.put("live", { after: 5, failure: { sinceMs: 1, tries: 1, nextAtMs: 2, delivery: 1 } });
    });
  },
  "GET /v1/emails/{email}/source": () => env.EMAIL_SOURCES.put("1042.html", "<p>Hello</p>"),
  "GET /v1/people/erasures": (id) =>
    env.DB.prepare("INSERT INTO erasures (id, requested_at, done_at, events) VALUES (?1, 1, 2, 0)").bind(id).run(),
};

/** The endpoint of the examples' id. */
async function addExampleEndpoint(): Promise<void> {
  const { id } = EXAMPLE_PATH;
  await env.DB.prepare(
    `INSERT OR REPLACE INTO webhook_endpoints (id, url, bots, ordered, batch, created_at)
    VALUES (?1, 'https://example.com/', 'include', 1, 1, 1)`,
  )
    .bind(id)
    .run();
  await env.WEBHOOKS.getByName(id).start(5);
}

/** What a provider's example is called with. */
const POSTMARK = { POSTMARK_CREDENTIALS: "waxseal:example-of-a-long-password" };

beforeAll(async () => {
  // The endpoint's receiver.
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(null, { status: 204 }));
  const send = { email: 1042, person: { id: 7, address: "marie@example.com" }, campaign: 88012, send: "s-1" };
  const { email, person, campaign } = send;
  const { body } = await post("/v1/events", {
    events: [
      { type: "delivered", email, person: person.id, campaign, send: "s-1", address: person.address },
      { type: "hard_bounced", email, person: 9, campaign, address: "former@example.com", category: 2 },
    ],
  });
  expect(body).toMatchObject({ accepted: 2 });
  await env.OUTBOX.getByName(OUTBOX_NAME).addDeadLetter("9[]", "unknown_version");
});

afterAll(async () => {
  // Otherwise an alarm of the example's endpoint would post to the internet.
  await emptyStorage();
  vi.restoreAllMocks();
});

describe("the OpenAPI document", () => {
  it("names each operation once", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("has nothing that is not of its own form in an example", () => {
    for (const { name, operation } of operations) {
      for (const { name: parameter, schema, example, required } of operation.parameters ?? []) {
        if (required) expect(example, `${name}: ${parameter}`).toBeDefined();
        if (example !== undefined) expect(check.faultsOf(typed(example, schema), schema), name).toEqual([]);
      }
      const { schema, example } = operation.requestBody?.content["application/json"] ?? {};
      if (schema !== undefined) expect(check.faultsOf(example, schema), name).toEqual([]);
    }
  });

  it.each(operations)("$name works with its example", async ({ name, path, operation }) => {
    const [method = ""] = name.split(" ");
    const body = operation.requestBody?.content["application/json"]?.example;
    const query = parametersOf(operation, "query");
    await SETUP[name]?.(body ?? query.values().next().value);
    const answer = await ask(
      `${pathOf(path, operation)}${query.size === 0 ? "" : `?${query}`}`,
      {
        method,
        headers: operation.security === undefined ? { Authorization: "Bearer wxs_dev_test" } : AS_POSTMARK,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      environment(POSTMARK),
    );
    expect([answer.status, answer.ok ? "" : await answer.text()]).toEqual([expect.any(Number), ""]);
    if (!answer.headers.get("Content-Type")?.startsWith("application/x-ndjson")) return;
    const { status, headers } = answer;
    const read = { method, path, status, contentType: headers.get("Content-Type"), text: await answer.text() };
    expect(check.faultOf(read)).toBeUndefined();
  });
});

describe("an answer that the document does not have", () => {
  const read = { method: "GET", path: "/v1/dead-letters", status: 200, contentType: "application/json" };
  it.each([
    ["a status", { ...read, status: 418, text: "{}" }, "a status that the document does not have"],
    ["a type", { ...read, contentType: "text/html", text: "" }, "a type that the document does not have"],
    ["a field", { ...read, text: '{"data":[],"more":true}' }, "more"],
    [
      "a field of an entry",
      { ...read, text: '{"data":[{"id":1,"at":"2026-11-20T09:30:00.000Z","error":""}]}' },
      "body",
    ],
    ["a time of another form", { ...read, text: '{"data":[{"id":1,"at":"today","error":"","body":""}]}' }, "date-time"],
    ["no JSON", { ...read, text: "{" }, "not JSON"],
    ["a path", { ...read, path: "/v1/nothing", text: "{}" }, "not in the document"],
    ["an error without a message", { ...read, status: 503, text: '{"error":{"code":"internal"}}' }, "message"],
  ])("is a fault: %s", (_what, answer, words) => {
    expect(check.faultOf(answer)).toContain(words);
  });
});

const AS_POSTMARK = { Authorization: `Basic ${btoa(POSTMARK.POSTMARK_CREDENTIALS)}` };

function parametersOf({ parameters = [] }: DescribedOperation, place: "path" | "query"): URLSearchParams {
  const given = parameters.filter((each) => each.in === place && each.example !== undefined);
  return new URLSearchParams(given.map(({ name, example }) => [name, String(example)]));
}

function pathOf(path: string, operation: DescribedOperation): string {
  const values = parametersOf(operation, "path");
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.get(name) ?? ""));
}

/** A parameter's text, as the value that its schema is of. */
function typed(example: unknown, { type }: { readonly type?: unknown }): unknown {
  return type === "number" || type === "integer" ? Number(example) : example;
}

function fieldOf(value: unknown, name: string): unknown {
  return new Map(Object.entries(value ?? {})).get(name);
}
