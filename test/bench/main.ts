/**
 * `npm run bench`: all benchmarks, or those named. Exits with 0 when every goal is reached, 1 when one is not, 2 when
 * the command line is wrong. Connects to nothing but workerd on this machine.
 */
import { parseArgs } from "node:util";
import pc from "picocolors";
import { archive } from "./archive.ts";
import { archiveClicks } from "./archive-clicks.ts";
import { type Bench, type Figure, isReached } from "./bench.ts";
import { bots } from "./bots.ts";
import { bounceMail } from "./bounce-mail.ts";
import { bundle } from "./bundle.ts";
import { clicks } from "./clicks.ts";
import { consumer } from "./consumer.ts";
import { cost } from "./cost.ts";
import { dashboard } from "./dashboard.ts";
import { erasure } from "./erasure.ts";
import { extract } from "./extract.ts";
import { feed } from "./feed.ts";
import { firstMail } from "./first-mail.ts";
import { memory } from "./memory.ts";
import { messages } from "./messages.ts";
import { nodemailer } from "./nodemailer.ts";
import { firstOpens, repeatedOpens } from "./opens.ts";
import { outcomes } from "./outcomes.ts";
import { reading } from "./reading.ts";
import { reads } from "./reads.ts";
import { render } from "./render.ts";
import { figureTable, jsonLine } from "./report.ts";
import { reports } from "./reports.ts";
import { scale } from "./scale.ts";
import { sending } from "./sending.ts";
import { userAgents } from "./user-agents.ts";
import { webhooks } from "./webhooks.ts";
import { year } from "./year.ts";

const BENCHES: readonly Bench[] = [
  clicks,
  repeatedOpens,
  firstOpens,
  render,
  nodemailer,
  consumer,
  outcomes,
  reading,
  feed,
  reads,
  reports,
  messages,
  dashboard,
  extract,
  archive,
  archiveClicks,
  userAgents,
  bots,
  erasure,
  webhooks,
  bounceMail,
  bundle,
  firstMail,
  memory,
  cost,
  sending,
  year,
  scale,
];

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));

if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no benchmark ${unknown.join(", ")}.`);
  const list = BENCHES.map(({ name, about }) => `  ${name.padEnd(15)} ${about}`).join("\n");
  console.error(`npm run bench -- [--json] [NAME …]\n\n${list}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const figures: Figure[] = [];
  for (const bench of chosen) figures.push(...(await run(bench)));
  if (figures.some((figure) => isReached(figure) === false)) process.exitCode = 1;
}

async function run(bench: Bench): Promise<readonly Figure[]> {
  if (!values.json) console.log(`\n${pc.bold(bench.name)}: ${bench.about}`);
  const figures = await bench.run(progress);
  progress("");
  for (const figure of figures) if (values.json) console.log(jsonLine(figure));
  if (!values.json) console.log((bench.table ?? figureTable)(figures));
  return figures;
}

/** On a terminal each line replaces the one before; elsewhere, and beside JSON, there is none. */
function progress(line: string): void {
  if (process.stderr.isTTY && !values.json) process.stderr.write(`\r\x1b[K${pc.dim(line)}`);
}
