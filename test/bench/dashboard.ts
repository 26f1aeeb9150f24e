/** The dashboard's pages over a million events, against the calls of the API that they are made of. */
import { fileURLToPath } from "node:url";
import { type Bench, type Figure, median } from "./bench.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";

const ROUNDS = 12;
const MAX_MS = 300;
const MAX_RATIO = 2;
const PERIOD = "since=2026-10-01&until=2026-10-31";

/** A page, and what it asks of the API, one after the other. */
interface PageOfCalls {
  readonly name: string;
  readonly page: string;
  readonly calls: readonly string[];
}

const PAGES: readonly PageOfCalls[] = [
  {
    name: "overview",
    page: "/app?from=2026-10-01&to=2026-10-30",
    calls: [
      `/v1/reports/series?by=day&${PERIOD}`,
      "/v1/reports/series?by=day&since=2026-09-01&until=2026-10-01",
      `/v1/reports/emails?by=campaign&sort=sent_at&limit=5&${PERIOD}`,
    ],
  },
  { name: "messages", page: "/app/messages", calls: ["/v1/messages?limit=50"] },
  {
    name: "deliverability",
    page: "/app/deliverability?period=quarter",
    calls: ["/v1/reports/domains?limit=50&since=2026-09-01", "/v1/reports/bounces?limit=50&since=2026-09-01"],
  },
  { name: "suppressions", page: "/app/suppressions", calls: ["/v1/suppressions?limit=50"] },
  { name: "health", page: "/app/health", calls: ["/healthz", "/v1/dead-letters?limit=20"] },
];

export const dashboard: Bench = {
  name: "dashboard",
  about: "the dashboard's pages over a million events, against the API's calls behind them",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)) }, async ({ worker }) => {
      await fill(worker, say);
      say("the log is aggregated");
      await bare(worker, "/aggregate");
      const { origin, apiKey } = worker;
      const Cookie = await signIn(origin, apiKey);
      const figures: Figure[] = [];
      for (const { name, page, calls } of PAGES) {
        say(name);
        const ms = await timed([origin + page], { Cookie });
        const control = await timed(
          calls.map((call) => origin + call),
          { Authorization: `Bearer ${apiKey}` },
        );
        figures.push(
          { name: `${name}: page`, value: ms, unit: "ms", goal: { atMost: MAX_MS } },
          {
            name: `${name}: page against its calls`,
            value: ms,
            unit: "ms",
            control,
            ratio: ms / control,
            goal: { atMost: MAX_RATIO },
          },
        );
      }
      return figures;
    }),
};

async function signIn(origin: string, key: string): Promise<string> {
  const body = new URLSearchParams({ key });
  const answer = await fetch(`${origin}/app/sign-in`, {
    method: "POST",
    body,
    redirect: "manual",
    headers: { Origin: origin },
  });
  const [cookie = ""] = answer.headers.getSetCookie();
  if (cookie === "") throw new Error(`nobody is signed in: ${answer.status}`);
  return cookie.split(";")[0] ?? "";
}

/** The median of what all of these take together, in ms; the first round is for warming up. */
async function timed(urls: readonly string[], headers: Readonly<Record<string, string>>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const startMs = performance.now();
    for (const url of urls) {
      const answer = await fetch(url, { headers });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    }
    rounds.push(performance.now() - startMs);
  }
  return median(rounds.slice(1));
}
