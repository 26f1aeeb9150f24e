/** The email performance report of a million events, against counting them; and what bringing it up to date takes. */
import { fileURLToPath } from "node:url";
import { type Bench, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS } from "./worker/seeded-log.ts";

const ROUNDS = 30;

export const reports: Bench = {
  name: "reports",
  about: "email performance of a million events, against one count(*) of them",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)) }, async ({ worker }) => {
      await fill(worker, say);
      say("the log is aggregated");
      const aggregated = await bare(worker, "/aggregate");
      const connection = new Connection(worker.origin, { Authorization: `Bearer ${worker.apiKey}` });
      const reported: number[] = [];
      const counted: number[] = [];
      const report = async () => {
        const startMs = performance.now();
        await connection.get("/v1/reports/emails");
        reported.push(performance.now() - startMs);
      };
      const count = async () => {
        counted.push((await bare(worker, "/count")).ms);
      };
      for (let round = 0; round <= ROUNDS; round++) {
        for (const side of round % 2 === 0 ? [report, count] : [count, report]) await side();
        say(`round ${round} of ${ROUNDS}: ${reported.at(-1)?.toFixed(1)} ms, count(*) ${counted.at(-1)} ms`);
      }
      const [hours, emails] = await overMonth(connection);
      connection.close();
      const { rows } = await bare(worker, "/rows-read");
      return [
        {
          name: "email performance report",
          value: median(reported.slice(1)),
          unit: "ms",
          control: median(counted.slice(1)),
          ratio: median(reported.map((ms, round) => ms / (counted[round] ?? Number.NaN)).slice(1)),
          goal: { atMost: 3 },
        },
        {
          name: "series of 30 days by hour",
          value: median(hours),
          unit: "ms",
          control: median(emails),
          ratio: median(hours.map((ms, round) => ms / (emails[round] ?? Number.NaN))),
          goal: { atMost: 2 },
        },
        { name: "email performance report: rows read", value: rows, unit: "rows", control: EVENTS },
        { name: "aggregating the log for reports", value: (EVENTS * 1000) / aggregated.ms, unit: "events/s" },
        { name: "aggregating the log for reports: messages", value: aggregated.rows, unit: "rows" },
      ];
    }),
};

const MONTH = "since=2026-10-01&until=2026-10-31";

/** How long the series by hour takes, and the report of emails over the same, in ms, by turns. */
async function overMonth(connection: Connection): Promise<readonly [number[], number[]]> {
  const paths = [`/v1/reports/series?by=hour&zone=Europe/Paris&${MONTH}`, `/v1/reports/emails?${MONTH}`];
  const [hours, emails]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, path] of paths.entries()) {
      const startMs = performance.now();
      await connection.get(path);
      if (round > 0) (index === 0 ? hours : emails).push(performance.now() - startMs);
    }
  }
  return [hours, emails];
}
