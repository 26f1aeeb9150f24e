/** Durable Objects are where JURISDICTION says. workerd has no jurisdictions: the call that asks for one is a fake. */
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { ask, environment, newMessage, settledLogOf, token } from "../worker.ts";

/** Gates whose jurisdiction is noted. */
function gatesNoting(asked: string[]): typeof env.OPENS {
  const getByName = (name: string) => {
    asked.push(`${name} anywhere`);
    return env.OPENS.getByName(name);
  };
  const jurisdiction = (where: string) => ({
    getByName: (name: string) => {
      asked.push(`${name} in ${where}`);
      return env.OPENS.getByName(name);
    },
  });
  return { getByName, jurisdiction } as unknown as typeof env.OPENS;
}

it.each([
  ["eu", "in eu"],
  ["fedramp", "in fedramp"],
  ["", "anywhere"],
])("with JURISDICTION %j the gate of a message is %s", async (JURISDICTION, where) => {
  const message = newMessage();
  const asked: string[] = [];
  const around = environment({ JURISDICTION, OPENS: gatesNoting(asked) });
  expect((await ask(`/o/${token("open", message)}`, {}, around)).status).toBe(200);
  expect(asked).toEqual([`${openedId(message, "campaign")} ${where}`]);
  expect(await settledLogOf(message.person)).toHaveLength(1);
});

it("a wrong one makes no object elsewhere: opens are recorded without a gate, and /healthz names it", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const message = newMessage();
  const asked: string[] = [];
  const around = environment({ JURISDICTION: "mars", OPENS: gatesNoting(asked) });
  const pixel = await ask(`/o/${token("open", message)}`, {}, around);
  expect([pixel.status, pixel.headers.get("Content-Type"), asked]).toEqual([200, "image/gif", []]);
  expect(await settledLogOf(message.person)).toHaveLength(1);
  const health = await ask("/healthz", {}, around);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({
    parts: { d1: "ok", outbox: "out of reach" },
    settings: [{ name: "JURISDICTION" }],
  });
});
