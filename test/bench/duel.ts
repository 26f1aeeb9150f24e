/**
 * The Worker against a control in the same workerd, in alternating rounds, so that what slows the machine slows both.
 * The result is the median of the ratios of the rounds.
 */
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { median } from "./bench.ts";
import { cpuUs } from "./cpu.ts";
import type { Load, LoadOrder } from "./load.ts";

export interface Side {
  readonly origin: string;
  /** What one round sends; counted from 0. */
  order(round: number): Pick<LoadOrder, "paths" | "connections"> & Partial<LoadOrder>;
  /** The status that every answer must have. */
  readonly status: number;
  /** Resolves when what the answers left to do is done; its CPU time counts. */
  settle?(answered: number): Promise<void>;
}

export interface DuelOptions {
  readonly worker: InstrumentedWorker;
  readonly load: Load;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export interface DuelResult {
  /** Answers a second. */
  readonly rate: number;
  readonly controlRate: number;
  readonly ratio: number;
  readonly cpuUs: number;
  readonly controlCpuUs: number;
  readonly answered: number;
}

interface Round {
  readonly rate: number;
  readonly cpuUs: number;
  readonly answered: number;
}

/** One round of each warms up and is not counted. */
export async function duel(subject: Side, control: Side, options: DuelOptions): Promise<DuelResult> {
  const rounds: { readonly subject: Round; readonly control: Round }[] = [];
  let answered = 0;
  for (let index = 0; index <= options.rounds; index++) {
    const both = [control, subject];
    // Who goes first changes, so that neither always inherits the other's garbage.
    if (index % 2 === 1) both.reverse();
    const done = new Map<Side, Round>();
    for (const side of both) done.set(side, await fight(side, index, options));
    const round = { subject: done.get(subject), control: done.get(control) };
    if (round.subject === undefined || round.control === undefined) throw new Error("a side did not fight");
    answered += round.subject.answered;
    if (index > 0) rounds.push({ subject: round.subject, control: round.control });
    options.say(
      `round ${index} of ${options.rounds}: ${Math.round(round.subject.rate)}/s ` +
        `against ${Math.round(round.control.rate)}/s`,
    );
  }
  return {
    rate: median(rounds.map((round) => round.subject.rate)),
    controlRate: median(rounds.map((round) => round.control.rate)),
    ratio: median(rounds.map((round) => round.subject.rate / round.control.rate)),
    cpuUs: median(rounds.map((round) => round.subject.cpuUs)),
    controlCpuUs: median(rounds.map((round) => round.control.cpuUs)),
    answered,
  };
}

async function fight(side: Side, index: number, { worker, load }: DuelOptions): Promise<Round> {
  const before = await cpuUs(worker.workerdPid);
  const { answered, elapsedMs, statuses } = await load.run(side.origin, side.order(index));
  if (statuses[side.status] !== answered)
    throw new Error(`expected ${side.status} of every answer, got ${JSON.stringify(statuses)}`);
  await side.settle?.(answered);
  const after = await cpuUs(worker.workerdPid);
  return { rate: (answered / elapsedMs) * 1000, cpuUs: (after - before) / answered, answered };
}
