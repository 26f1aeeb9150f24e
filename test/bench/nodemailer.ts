/**
 * Five rounds of 2,000 mails each way by pooled nodemailer through an SMTP server in a process of its own, with
 * waxseal/nodemailer against without it. Both fill in the recipient's name, the control by replacing it in the HTML.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTransport, type SendMailOptions, type Transporter } from "nodemailer";
import { type NodemailerFields, waxseal } from "../../src/integrations/nodemailer.ts";
import { type Bench, median } from "./bench.ts";
import { newsletter } from "./newsletter.ts";

const ROUNDS = 5;
const A_ROUND = 2_000;
const CONNECTIONS = 5;
const KEYS = "1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const SINK = fileURLToPath(new URL("./smtp-sink.ts", import.meta.url));

export const nodemailer: Bench = {
  name: "nodemailer",
  about: "10,000 mails of 30 KB by nodemailer to a local SMTP server, with the plugin against without it",
  async run(say) {
    const sink = fork(SINK, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    try {
      const [port] = await once(sink, "message");
      const pool = {
        host: "127.0.0.1",
        port: Number(port),
        pool: true as const,
        maxConnections: CONNECTIONS,
        maxMessages: Number.POSITIVE_INFINITY,
      };
      const [decorating, plain] = [createTransport(pool), createTransport(pool)];
      decorating.use("compile", waxseal({ keys: KEYS, origin: "https://t.example.com", variables: true }));
      const html = newsletter().replace("<h2>", "<p>Dear {{name}}</p><h2>");
      const withPlugin = (person: number): SendMailOptions & NodemailerFields => ({
        html,
        waxseal: { email: 1042, person, campaign: 88012, variables: { name: `Marie ${person}` } },
      });
      const without = (person: number): SendMailOptions => ({ html: html.replace("{{name}}", `Marie ${person}`) });
      const rounds = await alternately([() => timed(decorating, withPlugin), () => timed(plain, without)], say);
      decorating.close();
      plain.close();
      return [
        {
          name: "sending through nodemailer",
          value: median(rounds.map(([{ rate }]) => rate)),
          unit: "mails/s",
          control: median(rounds.map(([, { rate }]) => rate)),
          ratio: median(rounds.map(([ours, theirs]) => ours.rate / theirs.rate)),
          goal: { atLeast: 0.7 },
          cpuUs: median(rounds.map(([{ cpuUs }]) => cpuUs)),
          controlCpuUs: median(rounds.map(([, { cpuUs }]) => cpuUs)),
        },
      ];
    } finally {
      sink.kill();
    }
  },
};

interface Round {
  /** Mails a second. */
  readonly rate: number;
  /** Of this process, for one mail. */
  readonly cpuUs: number;
}
type Side = () => Promise<Round>;

/** One round of each warms up and is not counted; who goes first changes. */
async function alternately(
  [ours, theirs]: readonly [Side, Side],
  say: (line: string) => void,
): Promise<readonly (readonly [Round, Round])[]> {
  const rounds: (readonly [Round, Round])[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const first = round % 2 === 0 ? await ours() : undefined;
    const control = await theirs();
    const subject = first ?? (await ours());
    say(`round ${round} of ${ROUNDS}: ${Math.round(subject.rate)}/s against ${Math.round(control.rate)}/s`);
    if (round > 0) rounds.push([subject, control]);
  }
  return rounds;
}

async function timed(transporter: Transporter, mailFor: (person: number) => SendMailOptions): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let next = 0;
  const sendOthers = async () => {
    while (next < A_ROUND) {
      const person = next++;
      const mail = { from: "news@example.com", to: `p${person}@example.com`, subject: "November news" };
      await transporter.sendMail({ ...mail, ...mailFor(person) });
    }
  };
  // Some wait for each connection, so that none waits for a mail to be built.
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, sendOthers));
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (A_ROUND / elapsedMs) * 1_000, cpuUs: (user + system) / A_ROUND };
}
