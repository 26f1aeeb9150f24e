/** /v1/webhook-endpoints: what endpoints may be, and what is said of them. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { checkTarget } from "../../src/webhooks/target.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { environment, ORIGIN, withoutD1 } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  DAY_MS,
  failing,
  isGenuine,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  URL_OF_RECEIVER,
} from "./world.ts";

prepareEachTest();

const patch = async (id: string, body: unknown) => await post(`${PATH}/${id}`, body, env, "PATCH");
const remove = async (id: string) => await post(`${PATH}/${id}`, undefined, env, "DELETE");

describe("an endpoint", () => {
  it("is shown as it was made, with how far it is, and never again with its secret", async () => {
    await logRows({}, {});
    const made = {
      url: URL_OF_RECEIVER,
      events: ["email.opened", "email.clicked"],
      email: { id: 7 },
      campaign: { id: "spring" },
      bots: "exclude",
      ordered: false,
      batch: 100,
      description: "the warehouse",
    };
    const { id, secret } = await addEndpoint({ ...made, email: 7, campaign: { id: "spring", name: "Spring" } });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const shown = { id, ...made, createdAt: expect.any(String), enabled: true };
    await logRows({});
    const oldestUnpostedAt = expect.any(String);
    const progress = { seq: 2, behind: 1, oldestUnpostedAt, retrying: 0, givenUp: 0, possibleGaps: [], replays: [] };
    const listed = { ...shown, status: expect.stringMatching(/^(?:ok|lagging)$/), progress };
    expect((await get(PATH)).body).toEqual({ data: [listed] });
    expect((await get(`${PATH}/${id}`)).body).toEqual(listed);
    const changes = { url: "https://other.example/", events: null, email: null, description: null, batch: 1 };
    const changed = { id, url: changes.url, campaign: made.campaign, bots: "exclude", ordered: false, batch: 1 };
    expect((await patch(id, changes)).body).toEqual({ ...changed, createdAt: shown.createdAt, enabled: true });
    expect((await patch(id, {})).body).toMatchObject(changed);
    const disabled = { enabled: false, disabledReason: "by_sender", disabledAt: expect.any(String) };
    expect((await patch(id, { enabled: false })).body).toMatchObject(disabled);
    expect((await remove(id)).body).toEqual({ deleted: true });
    expect((await get(PATH)).body).toEqual({ data: [] });
    for (const call of [get(`${PATH}/${id}`), patch(id, {}), remove(id), post(`${PATH}/${id}/rotate`, undefined)]) {
      expect(await call).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    }
  });

  it("is listed page by page", async () => {
    const { id: first } = await addEndpoint();
    const { id: second } = await addEndpoint();
    const page = (await get(`${PATH}?limit=1`)).body as { data: { id: string }[]; next: string };
    const rest = (await get(`${PATH}?limit=1&cursor=${page.next}`)).body as typeof page;
    expect([...page.data, ...rest.data].map(({ id }) => id).toSorted()).toEqual([first, second].toSorted());
    expect(rest).not.toHaveProperty("next");
  });

  it("is one of twenty at most", async () => {
    for (let n = 0; n < 20; n++) await addEndpoint();
    const refused = { status: 409, body: { error: { code: "too_many" } } };
    expect(await post(PATH, { url: URL_OF_RECEIVER })).toMatchObject(refused);
    expect((await get(PATH)).body.data).toHaveLength(20);
    const tooLong = { status: 400, body: { error: { code: "invalid_field", field: "limit" } } };
    expect(await get(`${PATH}?limit=21`)).toMatchObject(tooLong);
  });

  it.each([
    [{ url: undefined }, "url"],
    [{ url: "" }, "url"],
    [{ url: "sender.example" }, "url"],
    [{ url: `https://sender.example/${"x".repeat(2_048)}` }, "url"],
    [{ url: "http://sender.example/" }, "url"],
    [{ url: "https://10.0.0.1/" }, "url"],
    [{ events: [] }, "events"],
    [{ events: ["opened"] }, "events.0"],
    [{ events: Array.from({ length: 40 }, () => "email.opened") }, "events"],
    [{ email: "no id" }, "email"],
    [{ bots: true }, "bots"],
    [{ ordered: "yes" }, "ordered"],
    [{ batch: 0 }, "batch"],
    [{ batch: 101 }, "batch"],
    [{ batch: 1.5 }, "batch"],
    [{ description: "x".repeat(256) }, "description"],
    [{ description: "two\nlines" }, "description"],
    [{ secret: "whsec_mine" }, "secret"],
    [{ headers: { Cookie: "x" } }, "headers"],
  ])("is refused with %j, which names the field", async (wrong, field) => {
    const { status, body } = await post(PATH, { url: URL_OF_RECEIVER, ...wrong });
    expect({ status, field: (body.error as { field?: string }).field }).toEqual({ status: 400, field });
    expect((await get(PATH)).body.data).toEqual([]);
  });

  it("answers 503 while D1 is down, and none is made", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    expect((await post(PATH, { url: URL_OF_RECEIVER }, withoutD1())).status).toBe(503);
    expect((await get(PATH, withoutD1())).status).toBe(503);
    expect((await get(PATH)).body.data).toEqual([]);
  });
});

describe("the URL of an endpoint", () => {
  it.each([
    "https://sender.example/",
    "https://sender.example:8443/a?b=c#d",
    "https://xn--bcher-kva.example/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/",
    "https://localhost.example/",
    "https://internal-api.example/",
  ])("may be %s", (url) => {
    expect(checkTarget(url, false).ok).toBe(true);
  });

  it.each([
    ["of another scheme", ["http://sender.example/", "ftp://sender.example/", "ws://sender.example/", "data:,a"]],
    ["with a user name or password", ["https://user@sender.example/", "https://user:pass@sender.example/"]],
    ["without a host", ["https://", "https:///", "https://?a", "https://a b/", "https://[::1%25eth0]/"]],
    ["of loopback", ["127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "017700000001", "127.255.0.9"]],
    ["of loopback, in other signs", ["①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1", "127.0.0.1."]],
    ["of private networks", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0xc0a80101", "0300.0250.1.1"]],
    ["of metadata services", ["169.254.169.254", "2852039166", "168.63.129.16", "100.100.100.200", "192.0.0.192"]],
    ["of metadata services, by IPv6", ["[fd00:ec2::254]", "[::ffff:169.254.169.254]"]],
    ["of clusters and other networks", ["kubernetes.default.svc", "a.consul", "a.onion", "a.workgroup", "a.localnet"]],
    ["of names that are reserved", ["a.test", "a.invalid"]],
    ["of no host in particular", ["0.0.0.0", "0", "[::]", "255.255.255.255", "224.0.0.1", "240.0.0.1"]],
    ["of carriers, tests and documentation", ["100.64.0.1", "198.18.0.1", "192.0.2.1", "203.0.113.1", "[2001:db8::1]"]],
    ["of IPv6 that is not public", ["[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]"]],
    ["of IPv4 in IPv6", ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"]],
    ["of translated IPv4", ["[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001::1]"]],
    ["of a local name", ["localhost", "LOCALHOST", "%6cocalhost", "localhost.", "a.localhost", "printer.local"]],
    [
      "of an internal name",
      ["metadata.google.internal", "metadata", "a.home.arpa", "a.lan", "a.corp", "sender.example.", "metadata.goog"],
    ],
  ])("is none %s", (_what, hosts) => {
    for (const host of hosts) {
      const url = /^[a-z]+:/.test(host) ? host : `https://${host}/`;
      expect([url, checkTarget(url, false).ok]).toEqual([url, false]);
    }
  });

  it("may be this machine's on a developer's machine, and no other", () => {
    const own = ["http://localhost:3000/", "http://127.0.0.1:3000/", "http://[::1]:3000/", "http://localhost"];
    for (const url of own)
      expect([url, checkTarget(url, true).ok, checkTarget(url, false).ok]).toEqual([url, true, false]);
    const others = [
      "http://10.0.0.1/",
      "http://0.0.0.0/",
      "http://sender.example/",
      "https://localhost/",
      "https://127.0.0.1/",
      "http://2130706433/",
      "http://0x7f.1:3000/",
      "http://127.0.0.2/",
      "http://a.localhost/",
      "http://a@localhost/",
    ];
    for (const url of others) expect([url, checkTarget(url, true).ok]).toEqual([url, false]);
  });

  it("is not this Worker's", async () => {
    const around = environment({
      TRACKING_ORIGIN: "https://s.example",
      TRACKING_ORIGINS: '{"https://u.example":{"name":"U"}}',
    });
    for (const origin of ["https://s.example", "https://u.example", ORIGIN]) {
      const { body } = await post(PATH, { url: `${origin}/u/abc` }, around);
      expect(body.error).toMatchObject({ field: "url", message: "url must not be of this Worker." });
    }
    for (const url of ["http://localhost:8787/", "http://127.0.0.1:8787/", "http://[::1]:8787/"])
      expect([url, checkTarget(url, true, ["http://localhost:8787"]).ok]).toEqual([url, false]);
  });

  it("is checked again before each post", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await env.DB.prepare("UPDATE webhook_endpoints SET url = 'https://10.0.0.1/'").run();
    await logRows({});
    await ring(endpoint);
    expect(received).toEqual([]);
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries`);
    const waiting = { state: "waiting", error: "its URL must be of a host on the public internet" };
    expect(body.data).toMatchObject([{ ...waiting, nextTryAt: expect.any(String) }]);
    await patch(endpoint.id, { enabled: false });
    const { data } = (await get(`${PATH}/${endpoint.id}/deliveries`)).body;
    expect(data).toMatchObject([waiting]);
    expect(data).not.toMatchObject([{ nextTryAt: expect.anything() }]);
  });
});

describe("a secret that is rotated", () => {
  it("signs together with the new one for 24 hours, and then not any more", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    const rotate = async () => (await post(`${PATH}/${endpoint.id}/rotate`, undefined)).body;
    const { secret, previousUntil } = await rotate();
    expect(Date.parse(String(previousUntil)) - Date.now()).toBe(DAY_MS);
    const secrets = [endpoint.secret, String(secret)];
    const signers = async () => {
      await logRows({});
      await ring(endpoint);
      const post = received.at(-1);
      if (post === undefined) throw new Error("nothing was posted");
      expect(post.headers["webhook-signature"]?.split(" ")).toHaveLength(
        secrets.filter((each) => isGenuine(post, each)).length,
      );
      return secrets.map((each) => isGenuine(post, each));
    };
    expect(await signers()).toEqual([true, true]);
    pass(DAY_MS / 2);
    secrets.push(String((await rotate()).secret));
    expect(await signers()).toEqual([true, true, true]);
    pass(DAY_MS / 2);
    expect(await signers()).toEqual([false, true, true]);
    pass(DAY_MS / 2);
    expect(await signers()).toEqual([false, false, true]);
  });

  it("is not followed by a fourth within a day, which would end the first before its time", async () => {
    const { id } = await addEndpoint();
    const rotate = async () => (await post(`${PATH}/${id}/rotate`, undefined)).status;
    expect([await rotate(), await rotate(), await rotate(), await rotate()]).toEqual([200, 200, 200, 409]);
    pass(DAY_MS);
    expect(await rotate()).toBe(200);
  });
});

describe("an endpoint whose object holds nothing, because D1 was restored", () => {
  it("gets a secret by a rotation, and what is recorded from then on", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await env.WEBHOOKS.getByName(endpoint.id).remove();
    await evictDurableObject(endpoint.stub);
    await logRows({});
    await ring(endpoint);
    const { body } = await post(`${PATH}/${endpoint.id}/rotate`, undefined);
    await logRows({});
    await ring(endpoint);
    expect(received.map((each) => isGenuine(each, String(body.secret)))).toEqual([true]);
    expect(received[0]?.events).toMatchObject([{ data: { seq: 2 } }]);
  });
});

describe("samples", () => {
  it("are posted of each type that the endpoint gets, signed, and change nothing", async () => {
    const received = receiver(accepted, failing(410), failing(500), accepted);
    const endpoint = await addEndpoint();
    const { body } = await post(`${PATH}/${endpoint.id}/test`, undefined);
    const data = body.data as readonly { readonly type: string; readonly accepted: boolean }[];
    expect(data.map(({ type }) => type)).toEqual(received.map(({ events }) => events[0]?.type));
    expect(data).toHaveLength(11);
    expect(data.filter((each) => each.accepted)).toHaveLength(9);
    for (const each of received) {
      expect(isGenuine(each, endpoint.secret)).toBe(true);
      expect(each.events[0]?.data).toMatchObject({ email: { id: "sample" }, person: { id: "sample" } });
      expect(each.body).not.toMatch(/undefined|null|NaN/);
    }
    const shown = (await get(`${PATH}/${endpoint.id}`)).body;
    expect(shown).toMatchObject({ enabled: true, progress: { retrying: 0 } });
    expect((shown.progress as Record<string, unknown>).nextTryAt).toBeUndefined();
    expect((await get(`${PATH}/${endpoint.id}/deliveries?state=failed`)).body.data).toMatchObject([
      { kind: "test", status: 500, tries: 1 },
      { kind: "test", status: 410, answer: "no", tries: 1 },
    ]);
    await patch(endpoint.id, { events: ["email.opened", "send.retry"], batch: 10, enabled: false });
    received.length = 0;
    await post(`${PATH}/${endpoint.id}/test`, undefined);
    expect(received.map(({ events }) => events.map(({ type }) => type))).toEqual([["email.opened", "send.retry"]]);
    await post(`${PATH}/${endpoint.id}/test?type=email.clicked`, undefined);
    expect(received.at(-1)?.events).toMatchObject([{ type: "email.clicked", data: { link: { name: "Shop" } } }]);
  });
});
