/**
 * The real SDK of each provider posts what the function of the packed file makes, with the token where the provider's
 * webhook brings it back.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { decorate, parseTokenKeys } from "../../src/waxseal.ts";
import { HTML, PROVIDER_CASES, TEXT } from "../integrations/provider-cases.ts";
import { type ProviderServer, startProviderServer } from "../integrations/provider-server.ts";

/** A module of the installed package, by its path in dist/. */
const packed = vi.hoisted(() => async <Module>(path: string): Promise<Module> => {
  const [{ inject }, { join }] = await Promise.all([import("vitest"), import("node:path")]);
  return (await import(join(inject("installedIn"), "node_modules", "waxseal", "dist", path))) as Module;
});

// What the cases import of the sources is the package's.
vi.mock("../../src/integrations/brevo.ts", () => packed("integrations/brevo.js"));
vi.mock("../../src/integrations/mailgun.ts", () => packed("integrations/mailgun.js"));
vi.mock("../../src/integrations/postmark.ts", () => packed("integrations/postmark.js"));
vi.mock("../../src/integrations/resend.ts", () => packed("integrations/resend.js"));
vi.mock("../../src/integrations/sendgrid.ts", () => packed("integrations/sendgrid.js"));
vi.mock("../../src/integrations/ses.ts", () => packed("integrations/ses.js"));

const KEYS = "1:I8zBG95QXykHjLCHlcVOWj8GOW46LnIjeUcDPYxHRpo";

interface Library {
  readonly decorate: typeof decorate;
  readonly parseTokenKeys: typeof parseTokenKeys;
}

let library: Library;
let server: ProviderServer;
beforeAll(async () => {
  [library, server] = await Promise.all([packed<Library>("waxseal.js"), startProviderServer()]);
});
afterAll(() => server?.stop());

describe.each(PROVIDER_CASES)("$name", ({ speaker, send, read, event }) => {
  it("gets the packed file's copy, and the token comes back in its webhook", async () => {
    const [source, built] = await Promise.all([
      import(`../../src/integrations/${speaker.name}.ts`),
      packed<object>(`integrations/${speaker.name}.js`),
    ]);
    expect(Object.values(source)).toEqual(Object.values(built));
    const keys = library.parseTokenKeys(KEYS);
    if (!keys.ok) throw new Error(keys.reason);
    const options = { keys: keys.value, origin: "https://t.example.com" };
    const copy = library.decorate({ html: HTML, text: TEXT }, options, { email: 1042, person: 7, campaign: 88012 });
    await send(copy, server);
    const { body } = server.requests.at(-1) ?? { body: {} };
    expect(read(body)).toMatchObject({ html: copy.html, text: copy.text, headers: copy.headers });
    expect(event(body)).toContain(copy.message);
  });
});
