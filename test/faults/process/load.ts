/**
 * Hundreds of recipients against a local Worker: each loads, follows or posts one thing, and the answers are kept, to
 * be compared with the rows in D1.
 */
import { Agent, request } from "node:http";
import type { LocalWorker } from "../../../src/dev/local-worker.ts";
import type { Message, TokenClaims, TokenUse } from "../../../src/tokens/claims.ts";
import { parseTokenKeys } from "../../../src/tokens/keys.ts";
import { signToken } from "../../../src/tokens/sign.ts";
import type { InstrumentedWorker } from "../../dev/instrumented-worker.ts";

export interface RecipientRequest {
  readonly person: string;
  readonly path: string;
  /** A form's body: then it is posted, otherwise the path is loaded. */
  readonly form?: string;
}

export interface AnsweredRequest extends RecipientRequest {
  /** Undefined: the connection broke before an answer came. */
  readonly status: number | undefined;
}

export const isAnswered = ({ status }: AnsweredRequest) => status !== undefined;

const CONNECTIONS = 100;

/** Signs with the keys of a Worker. */
export function signerOf(worker: LocalWorker) {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  return <U extends TokenUse>(use: U, claims: TokenClaims[U]) => signToken(keys.value, use, claims);
}

export function messageTo(person: string): Message {
  return { email: "7", person, campaign: "42" };
}

export class Load {
  readonly answers: AnsweredRequest[] = [];
  readonly #origin: string;
  readonly #waiting: { count: number; reached: () => void }[] = [];

  constructor(worker: LocalWorker) {
    this.#origin = worker.origin;
  }

  /**
   * Sends all requests, a hundred at a time, and resolves with the answers. A sender ends when its connection breaks,
   * because the Worker has ended.
   */
  async run(all: Iterable<RecipientRequest>): Promise<readonly AnsweredRequest[]> {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const rest = all[Symbol.iterator]();
    const send = async () => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) {
        const sent = next.value;
        const status = await this.#send(sent, agent);
        this.answers.push({ ...sent, status });
        for (const { count, reached } of this.#waiting) if (this.answers.length >= count) reached();
        if (status === undefined) return;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    agent.destroy();
    return this.answers;
  }

  /** Resolves when so many were answered. */
  async answered(count: number): Promise<void> {
    await new Promise<void>((reached) => this.#waiting.push({ count, reached }));
  }

  #send({ path, form }: RecipientRequest, agent: Agent): Promise<number | undefined> {
    return new Promise((resolve) => {
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      const options = form === undefined ? { agent } : { agent, method: "POST", headers };
      const sending = request(this.#origin + path, options, (answer) => {
        answer.once("error", () => resolve(undefined));
        answer.once("end", () => resolve(answer.statusCode));
        answer.resume();
      });
      sending.once("error", () => resolve(undefined));
      sending.end(form);
    });
  }
}

/** Runs a load to its end; every answer must come. */
export async function runAll(
  worker: LocalWorker,
  all: readonly RecipientRequest[],
): Promise<readonly AnsweredRequest[]> {
  return await new Load(worker).run(all);
}

/** Kills the Worker once so many were answered, and resolves with all answers when it runs again. */
export async function killUnder(
  worker: InstrumentedWorker,
  all: Iterable<RecipientRequest>,
  afterAnswers: number,
): Promise<readonly AnsweredRequest[]> {
  const load = new Load(worker);
  const running = load.run(all);
  await load.answered(afterAnswers);
  await worker.kill();
  return await running;
}
