/**
 * What a million copies by the API, and a million outcomes that a sender reports, would cost on Cloudflare: operations
 * counted by type, at its list prices of November 2026. Each copy is for somebody new, who has an address.
 */
import { fileURLToPath } from "node:url";
import type { Bench, Figure } from "./bench.ts";
import { costOf, costTable } from "./cost.ts";
import { newsletter } from "./newsletter.ts";
import { type Server, withServer } from "./server.ts";

const COPIES = 1_000;
/** Of one batch. */
const RECIPIENTS = 500;
/** In one report. */
const OUTCOMES = 1_000;
const DAY_MS = 86_400_000;

export const sending: Bench = {
  name: "sending",
  about: "operations and dollars per million copies by the API and outcomes reported, at list prices",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/counting.ts", import.meta.url)), unlimited: true }, (server) =>
      counted(server, say),
    ),
  table: costTable,
};

async function counted({ worker }: Server, say: (line: string) => void): Promise<Figure[]> {
  const email = { id: 1042, name: "November news" };
  const html = newsletter();
  const figures: Figure[] = [];
  const count = async (what: string, times: number, work: () => Promise<void>) => {
    say(what);
    figures.push(...(await costOf(worker, what, times, work)));
  };
  await count("copies, one a request", COPIES, async () => {
    for (let index = 0; index < COPIES; index++)
      await post(worker, "/v1/decorate", { email, person: personOf(index), campaign: 88012, html });
  });
  await count("copies in batches", COPIES, async () => {
    for (let from = COPIES; from < 2 * COPIES; from += RECIPIENTS) {
      const recipients = Array.from({ length: RECIPIENTS }, (_, index) => ({ person: personOf(from + index) }));
      await post(worker, "/v1/decorate/batch", { email, campaign: 88012, html, recipients });
    }
  });
  const report = (what: string, from: number, times: number, outcome: object) =>
    count(what, times, async () => {
      const events = Array.from({ length: times }, (_, index) => ({ ...outcome, ...sendOf(from + index) }));
      await post(worker, "/v1/events", { events });
    });
  await report("Sent", 0, OUTCOMES, { type: "sent" });
  await report("Delivered", 0, OUTCOMES / 2, { type: "delivered" });
  const [hard, soft] = [
    { type: "hard_bounced", category: 2, status: "5.1.1", details: "550 5.1.1 no such user" },
    { type: "soft_bounced", category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" },
  ];
  await report("hard bounces", OUTCOMES / 2, OUTCOMES / 4, hard);
  await report("soft bounces", (OUTCOMES * 3) / 4, OUTCOMES / 4, soft);
  return figures;
}

const personOf = (index: number) => ({ id: 5_000_000 + index, address: `p${index}@mail${index % 50}.example` });

function sendOf(index: number): object {
  const { id: person, address } = personOf(index);
  const at = new Date(Date.now() - DAY_MS).toISOString();
  return { email: 1042, person, campaign: 88012, send: `n${person}`, address, at };
}

async function post({ origin, apiKey }: Server["worker"], path: string, body: object): Promise<void> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  const answer = await fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  const text = await answer.text();
  if (/"(?:error|rejected":\[\{)/.test(text)) throw new Error(`${path} refused: ${text.slice(0, 300)}`);
}
