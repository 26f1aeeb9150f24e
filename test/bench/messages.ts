/** One message's events and a search by address, among 100,000 messages, against reading as many rows by their key. */
import { fileURLToPath } from "node:url";
import { type Bench, type Figure, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { bare, fill } from "./million.ts";
import { type Server, withServer } from "./server.ts";

const ROUNDS = 40;
const PEOPLE = 5_000;
const FIRST_PERSON = 5_000_000;

export const messages: Bench = {
  name: "messages",
  about: "one message's events, and a search by address, against a read of as many rows by their key",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)) }, async ({ worker }) => {
      await fill(worker, say);
      say("the log is aggregated");
      await bare(worker, "/aggregate");
      const d1 = await worker.d1();
      await d1
        .prepare(
          `INSERT INTO people (person, address) SELECT person, 'p' || person || '@mail.example'
FROM (SELECT DISTINCT person FROM message_stats WHERE email = '1000')`,
        )
        .run();
      const personOf = (round: number) => FIRST_PERSON + ((round * 997) % PEOPLE);
      return [
        ...(await measured(worker, "one message's events", (round) => `/v1/messages/1003/88012/${personOf(round)}`)),
        ...(await measured(
          worker,
          "messages by address",
          (round) => `/v1/messages?address=p${personOf(round)}@mail.example`,
        )),
      ];
    }),
};

async function measured(
  worker: Server["worker"],
  name: string,
  pathOf: (round: number) => string,
): Promise<readonly Figure[]> {
  const connection = new Connection(worker.origin, { Authorization: `Bearer ${worker.apiKey}` });
  const asked: number[] = [];
  const keyed: number[] = [];
  const rowsRead: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const startMs = performance.now();
    const { data } = JSON.parse(String(await connection.get(pathOf(round)))) as { readonly data: readonly unknown[] };
    asked.push(performance.now() - startMs);
    const controlMs = performance.now();
    await connection.get(`/by-key?rows=${data.length}&first=${1 + round * 1_000}`);
    keyed.push(performance.now() - controlMs);
    rowsRead.push((await bare(worker, `/rows-read-by?path=${encodeURIComponent(pathOf(round))}`)).rows);
  }
  connection.close();
  return [
    {
      name,
      value: median(asked.slice(1)),
      unit: "ms",
      control: median(keyed.slice(1)),
      ratio: median(asked.map((ms, round) => ms / (keyed[round] ?? Number.NaN)).slice(1)),
      goal: { atMost: 3 },
    },
    { name: `${name}: rows read`, value: median(rowsRead), unit: "rows" },
  ];
}
