import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { spawnWaxseal, waxseal } from "./command.ts";

let worker: InstrumentedWorker;
let to: string[];
beforeAll(async () => {
  worker = await startTestWorker();
  to = ["--origin", worker.origin, "--api-key", worker.apiKey];
});
afterAll(() => worker.stop());

const clients = (...args: readonly string[]) => waxseal(["clients", ...args, ...to]);

async function tokenStatus(id: string, secret: string): Promise<number> {
  const query = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: id,
    client_secret: secret,
  });
  return (await fetch(`${worker.origin}/identity/oauth/token?${query}`)).status;
}

async function add(name: string, ...scopes: readonly string[]) {
  const { stdout } = await clients("add", name, ...scopes.flatMap((scope) => ["--scope", scope]));
  const [, id = "", secret = ""] = /^client_id +(\S+)\nclient_secret +(\S+)\n$/.exec(stdout) ?? [];
  return { id, secret };
}

describe("waxseal clients", () => {
  it("adds one whose secret gets an access token, lists it, and revokes it", async () => {
    const { id, secret } = await add("warehouse", "read", "send");
    expect(await tokenStatus(id, secret)).toBe(200);

    const listed = await clients("list");
    expect(listed.code).toBe(0);
    expect(Buffer.from(listed.stdout, "latin1").toString()).toMatch(
      new RegExp(`${id} │ warehouse │ read send │ \\d{4}-`),
    );
    expect(listed.stdout).not.toContain(secret);

    const revoked = await clients("revoke", id, "--yes");
    expect(revoked.code).toBe(0);
    expect(revoked.stdout).toContain(`Revoked: ${id}.`);
    expect(await tokenStatus(id, secret)).toBe(401);
  });

  it("explains the secret on standard error, so that standard output holds only the credentials", async () => {
    const args = ["clients", "add", "reader", "--scope", "read", ...to];
    const { stdout, stderr } = await spawnWaxseal(args);
    expect(stdout.split("\n").length).toBe(3);
    // A form, so that the secret is in nobody's list of URLs.
    expect(stderr).toContain(`${worker.origin}/identity/oauth/token -d "grant_type=client_credentials`);
    expect(stderr).not.toMatch(/[0-9a-f]{64}/);
  });

  it("says which scope a key lacks, and what to give instead", async () => {
    const { id, secret } = await add("sender", "send");
    const query = `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`;
    const answer = await fetch(`${worker.origin}/identity/oauth/token?${query}`);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const { code, stderr } = await waxseal(["clients", "list", "--origin", worker.origin, "--api-key", token]);
    expect(code).toBe(1);
    expect(stderr).toContain('scope "admin"');
    expect(stderr).toContain("Give one of the Worker's API_KEYS");
  });

  it("prints JSON for programs", async () => {
    const { stdout } = await clients("add", "machine", "--scope", "admin", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ name: "machine", scopes: ["admin"] });
    const listed = await clients("list", "--json");
    const names = listed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).name);
    expect(names).toContain("machine");
  });

  it.each([
    [["add", "nobody"], 2, "What may it do?"],
    [["add", "nobody", "--scope", "everything"], 2, "A scope is one of read, pii, send, admin."],
    [["add"], 2, "missing required argument"],
    [["revoke", "nobody", "--yes"], 1, "clients list"],
  ])("answers %j with exit code %d and what to do", async (args, expected, words) => {
    const { code, stdout, stderr } = await clients(...args);
    expect(code).toBe(expected);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
  });
});

/** As programs do that send everything as a form, whatever the method; `fetch` would not. */
function tokenByGetWithForm(form: string, type: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const headers = { "Content-Type": type, "Content-Length": form.length };
  request(`${worker.origin}/identity/oauth/token`, { headers }, (answer) => {
    answer.resume();
    answer.on("end", () => resolve(answer.statusCode));
  })
    .on("error", reject)
    .end(form);
  return promise;
}

describe("an access token", () => {
  it("is given to who sends a form with GET", async () => {
    const { id, secret } = await add("old program", "read");
    const form = `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`;
    expect(await tokenByGetWithForm(form, "application/x-www-form-urlencoded")).toBe(200);
    expect(await tokenByGetWithForm(form, "text/plain")).toBe(400);
  });
});
