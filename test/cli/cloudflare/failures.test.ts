/**
 * Each call that a first deploy makes fails in turn. Whatever fails, it is said in a sentence with what was made, and
 * the same command goes on. With FUZZ=4 in the environment all do; without, three that leave most behind.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, inject, it, vi } from "vitest";
import { ApiFault } from "./api.ts";
import type { Failure } from "./server.ts";
import { deployWorld, SENDER } from "./world.ts";

/** The domains of the Worker, as DNS knows them. */
const dns = vi.hoisted(() => ({ domains: [] as readonly string[] }));
vi.mock("node:dns/promises", () => {
  const resolve = async (host: string) => (dns.domains.includes(host) ? ["192.0.2.1"] : []);
  return { resolve4: resolve, resolve6: resolve };
});

const REFUSED = new ApiFault(403, 10023, "Unauthorized to access requested resource");
const NO_R2 = new ApiFault(403, 10042, "Please enable R2 through the Cloudflare Dashboard.");

interface Fall {
  readonly call: RegExp;
  readonly failure: Failure;
  /** What is said of it. */
  readonly says: RegExp;
  /** What is said to be made. */
  readonly made: RegExp;
  /** Without FUZZ, with it, or in both. */
  readonly in: "short" | "long" | "both";
}

const refused = (call: RegExp, made: RegExp, where: Fall["in"] = "long"): Fall => ({
  ...{ call, made, in: where, failure: REFUSED },
  says: /Cloudflare refused the token: Unauthorized to access .* \(code 10023\)\.\n.*\nIt needs: Workers/,
});
const outOfReach = (call: RegExp, made: RegExp, where: Fall["in"] = "long"): Fall => ({
  ...{ call, made, in: where, failure: "hang up" as const },
  says: /Cloudflare was out of reach: .*\n.*\nNothing has to be undone: run it again/,
});

const NOTHING = /\nNothing was made\.\n/;
const TABLES = /\nMade so far: .*the tables of the database/;
const WORKER = /\nMade so far: .*the Worker, perhaps without its domain, schedule or queues\.\n/;

/** In the order of the calls. */
const FALLS: readonly Fall[] = [
  refused(/GET .*\/scripts\/waxseal\/deployments$/, NOTHING),
  outOfReach(/GET .*\/d1\/database$/, NOTHING),
  refused(/POST .*\/d1\/database$/, NOTHING),
  outOfReach(/POST .*\/query$/, /\nNothing was made\.|Made so far: the database waxseal\./, "both"),
  refused(/GET .*\/services\/waxseal$/, TABLES),
  outOfReach(/POST .*\/assets-upload-session$/, /./),
  {
    call: /GET .*\/r2\/buckets/,
    failure: NO_R2,
    says: /The account has no R2, or the token may not use it/,
    made: /./,
    in: "short",
  },
  outOfReach(/POST .*\/r2\/buckets$/, /./),
  refused(/POST .*\/queues$/, /Made so far: EXTRACT_FILES, EMAIL_SOURCES, ARCHIVE\./),
  refused(/PUT .*\/scripts\/waxseal$/, /./),
  refused(/POST .*\/scripts\/waxseal\/subdomain$/, /./),
  refused(/PUT .*\/schedules$/, WORKER, "both"),
  refused(/(?:POST|PUT) .*\/consumers/, WORKER),
];

it("a first deploy in which calls fail says what is made, and goes on when it is run again", async () => {
  const { deploy, call, cloudflare, folder } = await deployWorld();
  dns.domains = cloudflare.account.domains;
  const length = (inject("fuzz") ?? 0) > 1 ? "long" : "short";
  const falls = FALLS.filter((each) => each.in === "both" || each.in === length);
  for (const { call: failing, failure, says, made } of falls) {
    cloudflare.failAt(failing, failure);
    cloudflare.forget();
    const { code, stderr, stdout } = await deploy(...SENDER, "--domain", "t.example.com");
    const seen = `${failing}\n${stderr}${stdout}\n${cloudflare.calls.join("\n")}`;
    expect
      .soft(
        cloudflare.calls.some((each) => failing.test(each)),
        seen,
      )
      .toBe(true);
    expect.soft(code, seen).toBe(1);
    expect.soft(stderr, seen).toMatch(says);
    expect.soft(stderr, seen).toMatch(made);
    expect.soft(stderr, seen).not.toMatch(/\n {4}at /);
  }
  cloudflare.recover();
  // wrangler attaches it before the schedules that it failed at.
  expect(dns.domains).toEqual(["t.example.com"]);
  const keys = await readFile(join(folder, ".waxseal", "keys.env"), "utf8");
  const ended = await deploy();
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const { databases, buckets, queues } = cloudflare.account;
  expect([databases.length, buckets.size, queues.length]).toEqual([1, 3, 3]);
  expect(queues.map(({ consumers }) => consumers.length)).toEqual([1, 1, 1]);
  expect(await readFile(join(folder, ".waxseal", "keys.env"), "utf8")).toBe(keys);
  expect((await call("/healthz")).status).toBe(200);
}, 900_000);
