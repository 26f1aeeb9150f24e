/** Which domains a deploy gives the Worker, by what the account has. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Answers } from "../../src/cli/deploy/answers.ts";
import type { AttachedDomain } from "../../src/cli/deploy/attached.ts";
import { type DomainOptions, settleDomains } from "../../src/cli/deploy/domains.ts";

vi.mock("node:dns/promises", () => {
  const resolve = async () => {
    throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  };
  return { resolve4: resolve, resolve6: resolve, resolveCname: resolve };
});
afterEach(() => void vi.unstubAllGlobals());

const TOKEN = { type: "api_token", token: "t0ken" };
const OWN = { hostname: "t.example.com", service: "waxseal" };
const SHOPS = { hostname: "shop.example.com", service: "shop" };

interface World {
  readonly has?: readonly AttachedDomain[];
  readonly answers?: Partial<Answers>;
  readonly options?: DomainOptions;
  readonly login?: object;
  readonly answer?: object;
}

/** The headers of the call, and what was settled. */
async function settle({ has = [OWN], answers = {}, options = {}, login = TOKEN, answer }: World) {
  const calls: RequestInit[] = [];
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    calls.push(init);
    return Response.json(answer ?? { success: true, result: has });
  });
  const wrangler = { run: async () => ({ stdout: JSON.stringify(login), entries: [] }) };
  const work = { folder: "", wrangler, wranglerHere: wrangler, made: [], say: () => undefined, accountId: "a" };
  const complete = { name: "waxseal", senderName: "Maison Lavande", ...answers };
  const settled = await settleDomains({ ...work, answers: complete }, true, options);
  return { settled, headers: calls[0]?.headers };
}

describe("the domains of a Worker", () => {
  it("are those that are wanted, and all that it has, as they are set", async () => {
    const paused = { hostname: "old.example.com", service: "waxseal", enabled: false };
    const { settled } = await settle({ has: [OWN, paused, SHOPS], answers: { trackingDomain: "new.example.com" } });
    expect(settled).toEqual({
      all: [{ hostname: "new.example.com", service: "waxseal" }, OWN, paused],
      added: ["new.example.com"],
      removed: [],
    });
  });

  it("lose the one that is named, and no other", async () => {
    const other = { hostname: "old.example.com", service: "waxseal" };
    const { settled } = await settle({ has: [OWN, other], options: { removeDomain: "old.example.com" } });
    expect(settled).toEqual({ all: [OWN], added: [], removed: ["old.example.com"] });
  });

  it("lose a name of waxseal.json that the account does not have", async () => {
    const world = { has: [], answers: { domains: ["t.exmaple.com"] }, options: { removeDomain: "t.exmaple.com" } };
    expect((await settle(world)).settled).toEqual({ all: [], added: [], removed: [] });
  });

  it("may be another Worker's when that is said", async () => {
    const world = { has: [SHOPS], answers: { trackingDomain: SHOPS.hostname } };
    await expect(settle(world)).rejects.toThrow("is a domain of the Worker shop, which a deploy would take it from");
    const { settled } = await settle({ ...world, options: { takeDomain: true } });
    expect(settled.added).toEqual([SHOPS.hostname]);
  });

  const ORIGINS = JSON.stringify({ "https://b.example.net": { name: "Brand" } });
  const refused: readonly (readonly [removeDomain: string, answers: Partial<Answers>, reason: string])[] = [
    ["t.example.com", { trackingDomain: "t.example.com" }, "new links lead to t.example.com"],
    ["b.example.net", { variables: { TRACKING_ORIGINS: ORIGINS } }, "new links lead to b.example.net"],
    ["t.example.com", {}, "t.example.com is the only domain"],
    ["x.example.com", {}, "waxseal has no domain x.example.com"],
  ];
  it.each(refused)("cannot lose %s of %j", async (removeDomain, answers, reason) => {
    await expect(settle({ answers, options: { removeDomain } })).rejects.toThrow(reason);
  });
});

describe("Cloudflare is asked for them", () => {
  it.each([
    [TOKEN, { Authorization: "Bearer t0ken" }],
    [{ type: "oauth", token: "oa" }, { Authorization: "Bearer oa" }],
    [
      { type: "api_key", key: "k", email: "ana@example.com" },
      { "X-Auth-Email": "ana@example.com", "X-Auth-Key": "k" },
    ],
  ])("by wrangler's login %j", async (login, headers) => {
    expect((await settle({ login })).headers).toEqual(headers);
  });

  it("and what it refuses ends the deploy", async () => {
    const answer = { success: false, errors: [{ code: 10000, message: "Authentication error" }] };
    await expect(settle({ answer })).rejects.toThrow("Cloudflare refused the token: Authentication error (code 10000)");
  });
});
