/**
 * Everything that can fail is made to fail, with bindings whose errors quote their arguments: no log line may contain a
 * token, an address, a user agent or a key, not even a part of one.
 */
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { dsn, textBounce, unknownUser } from "../delivery/bounce-mail/mails.ts";
import { cloudflareEvent } from "../delivery/providers/cloudflare-event.ts";
import { CERTIFICATE_URL } from "../delivery/providers/sns-message.ts";
import { amazon, knowing, speakers, tampered, unsigned } from "../delivery/signed-webhooks.ts";
import { newClient } from "../marketo/marketo.ts";
import { bouncedSend, pass, posting, receiver, runAlarm, withoutRetries } from "../retries/world.ts";
import { ask, newMessage, token } from "../worker.ts";

const MESSAGE = newMessage();
const ADDRESS = "Marie.Dupont+news@lavande-mail.example";
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const LINK = { id: "a1b2c3d4", url: "https://shop.example/private?order=48213" };
const TOKENS = {
  o: token("open", MESSAGE),
  c: token("click", { ...MESSAGE, link: LINK }),
  u: token("unsubscribe", MESSAGE),
  message: token("message", { ...MESSAGE, send: "s1" }),
};
const API_KEY = "wxs_dev_test";
const VISIT = { "User-Agent": USER_AGENT, "CF-Connecting-IP": "203.0.113.9" };
const BEARER = { ...VISIT, Authorization: `Bearer ${API_KEY}` };

/** As long a part of a secret as no line may hold. */
const PART = 12;
const partsOf = (secret: string) => [secret.slice(0, PART), secret.slice(-PART)];

const SECRETS = [
  ...Object.values(TOKENS).flatMap(partsOf),
  ADDRESS,
  ADDRESS.toLowerCase(),
  "lavande-mail.example",
  "203.0.113.9",
  "Gecko",
  "Firefox",
  LINK.url,
  API_KEY,
];

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const level of ["debug", "log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => void lines.push(words.join(" ")));
});
afterEach(() => vi.restoreAllMocks());

/** That something was said, or nothing, and no secret. */
function expectLines(count: "some" | 0): void {
  if (count === 0) expect(lines).toEqual([]);
  else expect(lines.length).toBeGreaterThan(0);
  expectNoSecretIn(lines.join("\n"));
}

function expectNoSecretIn(text: string): void {
  expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
}

/** Fails at every call, and says with what it was called. */
function quoting<T>(words: string): T {
  const fail = (...given: readonly unknown[]): never => {
    throw new Error(
      `${words}: ${given.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join(" ")}`,
    );
  };
  const statement = (given: readonly unknown[]): object =>
    new Proxy(
      {},
      {
        get: (_, name) =>
          name === "bind"
            ? (...values: readonly unknown[]) => statement(values)
            : name === "given"
              ? given
              : async () => fail(...given),
      },
    );
  const batch = async (statements: readonly { readonly given: readonly unknown[] }[]) =>
    fail(...statements.flatMap(({ given }) => given));
  const stub = (name: string) =>
    new Proxy(
      {},
      {
        get:
          () =>
          async (...given: readonly unknown[]) =>
            fail(name, ...given),
      },
    );
  return {
    prepare: () => statement([]),
    batch,
    send: async (body: unknown) => fail(body),
    getByName: stub,
  } as T;
}

const D1_DOWN = "D1_ERROR: cannot bind";

/** A Worker that knows all providers, and nothing of which works. */
function broken(replaced: Partial<Env> = {}): Env {
  return knowing({
    DB: quoting(D1_DOWN),
    EVENTS: quoting("Queue send failed"),
    OPENS: quoting("the gate cannot take"),
    OUTBOX: quoting("the outbox cannot take"),
    EXPORTS: quoting("no export of"),
    RETRIES: quoting("no retry of"),
    ...replaced,
  });
}

const post = (path: string, body: BodyInit, headers: Record<string, string>, around: Env) =>
  ask(path, { method: "POST", body, headers }, around);

describe("the log lines of recipients' paths", () => {
  it("are none for tokens that are forged, cut or of another use", async () => {
    for (const path of ["o", "c", "u"]) {
      for (const text of [...Object.values(TOKENS), `${TOKENS.o}x`, TOKENS.c.slice(0, -9), ADDRESS]) {
        for (const method of ["GET", "HEAD", "POST"])
          await ask(`/${path}/${text}?to=${ADDRESS}`, { method, headers: VISIT }, knowing());
      }
    }
    expectLines(0);
  });

  it("hold no secret when no road takes an open or a click", async () => {
    const around = broken();
    expect((await ask(`/c/${TOKENS.c}`, { headers: VISIT }, around)).headers.get("Location")).toBe(LINK.url);
    expect((await ask(`/o/${TOKENS.o}.gif`, { headers: VISIT }, around)).status).toBe(200);
    expectLines("some");
  });

  it("hold the rows that no road took, fit to be recorded later, but for user agent and destination", async () => {
    await ask(`/c/${TOKENS.c}`, { headers: VISIT }, broken());
    const line = lines
      .map((text) => JSON.parse(text))
      .find(({ message }) => message === "events not recorded");
    expect(line.failures).toHaveLength(3);
    const [row] = JSON.parse(`[${line.rows.slice(1)}]`);
    const { email, person, campaign } = MESSAGE;
    expect(row.slice(1)).toEqual([
      11,
      expect.any(Number),
      email,
      person,
      campaign,
      null,
      LINK.id,
      null,
      null,
      0,
      null,
      null,
    ]);
  });

  it("hold no secret when an unsubscription is not committed", async () => {
    for (const body of [`why=${ADDRESS}`, "List-Unsubscribe=One-Click", "action=subscribe"]) {
      const form = {
        ...VISIT,
        "Content-Type": "application/x-www-form-urlencoded",
        Referer: `https://x.example/${TOKENS.u}`,
      };
      expect((await post(`/u/${TOKENS.u}`, body, form, broken())).status).toBe(503);
    }
    expect((await ask(`/u/${TOKENS.u}`, { headers: VISIT }, broken())).status).toBe(200);
    expectLines("some");
  });
});

describe("the log lines of the API", () => {
  const mail = {
    email: { id: "7" },
    person: { id: MESSAGE.person, address: ADDRESS },
    campaign: { id: "42" },
    html: "x",
  };
  const told = {
    type: "hard_bounced",
    message: TOKENS.message,
    address: ADDRESS,
    details: `550 <${ADDRESS}> unknown`,
  };
  const calls: readonly (readonly [path: string, body: object | undefined])[] = [
    ["/v1/decorate", mail],
    ["/v1/events", { events: [told, { ...told, type: "sent", details: undefined }] }],
    ["/v1/suppressions/check", { recipients: [{ person: MESSAGE.person }, { address: ADDRESS }] }],
    [`/v1/suppressions/check?address=${encodeURIComponent(ADDRESS)}`, undefined],
    ["/v1/suppressions", { address: ADDRESS, by: ADDRESS, why: TOKENS.message }],
    ["/v1/retries", undefined],
    ["/v1/reports/emails", undefined],
    ["/v1/reports/links?email=7", undefined],
    ["/v1/dead-letters", undefined],
    ["/v1/dead-letters/replay", {}],
    ["/v1/clients", { name: ADDRESS, scopes: ["read"] }],
    ["/v1/clients", undefined],
    ["/v1/people/erase", { address: ADDRESS }],
    [`/v1/people/export?person=${MESSAGE.person}`, undefined],
  ];

  it.each(calls)("hold no secret when %s fails", async (path, body) => {
    const method = path === "/v1/suppressions" ? "DELETE" : "POST";
    const answer = await ask(
      path,
      { headers: BEARER, ...(body === undefined ? {} : { method, body: JSON.stringify(body) }) },
      broken(),
    );
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expectLines("some");
  });

  it("are none for bodies and keys that are wrong", async () => {
    const bad = [
      `{"person": ${ADDRESS}`,
      `"${TOKENS.message}"`,
      `{"${ADDRESS}": "${TOKENS.message}"}`,
      TOKENS.message,
      ADDRESS,
    ];
    for (const [method, path] of [
      ["POST", "/v1/decorate"],
      ["POST", "/v1/events"],
      ["POST", "/v1/suppressions/check"],
      ["DELETE", "/v1/suppressions"],
      ["POST", "/v1/clients"],
    ] as const)
      for (const body of bad)
        expect((await ask(path, { method, body, headers: BEARER }, knowing())).status).toBe(400);
    for (const wrong of [TOKENS.message, `${API_KEY}x`, ADDRESS])
      expect((await post("/v1/events", "{}", { Authorization: `Bearer ${wrong}` }, knowing())).status).toBe(
        401,
      );
    expectLines(0);
  });

  it("hold no secret when Marketo's paths and the tokens for them fail", async () => {
    const { client, token: access } = await newClient("read");
    const query = `access_token=${access}&leadIds=${encodeURIComponent(ADDRESS)}`;
    const around = broken();
    for (const path of [
      "/rest/v1/activities.json",
      "/bulk/v1/activities/export.json",
      "/rest/v1/activities/types.json",
    ])
      await ask(`${path}?${query}`, { headers: VISIT }, around);
    const form = { grant_type: "client_credentials", client_id: client, client_secret: TOKENS.message };
    expect(
      (await ask(`/identity/oauth/token?${new URLSearchParams(form)}`, { headers: VISIT }, around)).status,
    ).toBe(503);
    expectLines("some");
    for (const part of [...partsOf(access), client]) expect(lines.join("\n")).not.toContain(part);
  });
});

describe.each(speakers)("the log lines of webhooks of $name", ({ name, sign, delivered, softBounced }) => {
  beforeEach(() => {
    vi.spyOn(globalThis, "fetch").mockImplementation(
      async (url) => new Response(String(url) === CERTIFICATE_URL ? amazon.certificatePem : ""),
    );
  });
  const bodies = [delivered(TOKENS.message, ADDRESS), softBounced(TOKENS.message, ADDRESS, "occurrence")];
  const send = (body: string, headers: Readonly<Record<string, string>>, around: Env) =>
    post(`/v1/webhooks/${name}`, body, { ...VISIT, ...headers }, around);

  it("hold no secret of one that is not signed", async () => {
    for (const body of bodies) {
      for (const wrong of [tampered, unsigned]) {
        const webhook = wrong(sign(body, Date.now()));
        expect((await send(webhook.body, webhook.headers, knowing())).status).toBe(401);
      }
    }
    expectLines("some");
  });

  it("hold no secret of one that is signed and not recorded, or says nothing that can be read", async () => {
    for (const body of bodies) {
      const webhook = sign(body, Date.now());
      expect((await send(webhook.body, webhook.headers, broken())).status).toBe(503);
    }
    const foreign = sign(JSON.stringify({ [ADDRESS]: TOKENS.message }), Date.now());
    await send(foreign.body, foreign.headers, knowing());
    expectLines("some");
  });
});

describe("the log lines of bounce mails", () => {
  const to = `bounces+${TOKENS.message}@mail.example.com`;
  const receive = (mail: Uint8Array, around: Env) => {
    const nobody = () => Promise.reject(new Error("nothing is to be sent"));
    const raw = new Blob([mail]).stream();
    const headers = new Headers();
    const more = { rawSize: mail.length, headers, setReject: () => {}, forward: nobody, reply: nobody };
    return worker.email({ from: ADDRESS, to, raw, ...more }, around);
  };
  const mails = [
    dsn({
      recipients: [unknownUser(ADDRESS)],
      original: [`X-Waxseal-Message: ${TOKENS.message}`, `To: ${ADDRESS}`],
    }),
    textBounce(`The following address failed: <${ADDRESS}>: 550 5.1.1 user unknown`),
  ];

  it("hold no secret of one that is not recorded, nor does the error that the server is refused with", async () => {
    const errors: unknown[] = [];
    for (const mail of mails) await receive(mail, broken()).catch((error: unknown) => errors.push(error));
    expect(errors.length).toBeGreaterThan(0);
    expectLines("some");
    expectNoSecretIn(errors.map(String).join("\n"));
  });

  it("hold no secret of a mail that is no bounce, or none of ours", async () => {
    await receive(textBounce(`Hello, this is ${ADDRESS}. My token is ${TOKENS.u}.`), knowing());
    await receive(
      dsn({ recipients: [unknownUser(ADDRESS)], original: [`X-Waxseal-Message: ${TOKENS.o}`] }),
      knowing(),
    );
    expectLines("some");
  });
});

describe("the log lines behind the queues", () => {
  const batchOf = (queue: string, ...bodies: readonly unknown[]) =>
    createMessageBatch(
      queue,
      bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
    );
  const row = JSON.stringify([
    "id",
    11,
    1,
    "7",
    MESSAGE.person,
    "42",
    null,
    LINK.id,
    LINK.url,
    USER_AGENT,
    0,
    null,
    null,
  ]);

  it("hold no secret of a batch that D1 does not take, whether it passes or not", async () => {
    await worker.queue(batchOf("waxseal-events", `1${row}`, `9${ADDRESS}`), broken());
    const never = quoting<D1Database>("D1_ERROR: datatype mismatch");
    await worker.queue(batchOf("waxseal-events", `1${row}`), knowing({ DB: never }));
    await worker.queue(batchOf("waxseal-dead-letters", `1${row}`, ADDRESS), knowing());
    expectLines("some");
  });

  it("hold no secret of an event of Cloudflare's", async () => {
    const event = cloudflareEvent("bounced", {
      sender: `news+${TOKENS.message}@example.com`,
      recipient: ADDRESS,
    });
    await worker.queue(
      batchOf("waxseal-email-events", event, { [ADDRESS]: TOKENS.message }, ADDRESS),
      broken(),
    );
    expectLines("some");
  });
});

describe("the log lines of retries", () => {
  beforeEach(withoutRetries);

  it("hold no secret when D1 fails, and when the receiver does", async () => {
    receiver(() => {
      throw new TypeError(`cannot reach https://sender.example/${TOKENS.message} for ${ADDRESS}`);
    });
    await bouncedSend({ address: ADDRESS.toLowerCase() });
    await pass(1);
    await runAlarm(posting({ DB: quoting(D1_DOWN) }));
    await runAlarm(posting());
    expectLines("some");
    expect(lines.join("\n")).toContain("retry not accepted");
  });
});

describe("a Worker that is not set up", () => {
  it("says which setting is wrong, and not what is in it", async () => {
    for (const TOKEN_KEYS of [TOKENS.message, "1:dev:short", `1:${TOKENS.message}`]) {
      const answer = await ask("/healthz", {}, { ...env, TOKEN_KEYS, API_KEYS: "", SES_TOPICS: ADDRESS });
      expect(answer.status).toBe(503);
      const text = await answer.text();
      expectNoSecretIn(text);
      expect(text).toContain("TOKEN_KEYS");
    }
    expectLines(0);
  });
});
