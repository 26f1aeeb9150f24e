/**
 * A process that sends requests over a fixed number of connections, one at a time on each, and counts the answers. It
 * uses raw sockets because it shares two cores with what it measures, and a full HTTP client costs more than the
 * Worker.
 */
import { connect, type Socket } from "node:net";

export interface LoadOrder {
  readonly port: number;
  readonly paths: readonly string[];
  readonly connections: number;
  /** Ends after that many ms, answers under way included, or when … */
  readonly forMs: number;
  /** … that many requests were made, in the order of `paths`, from `from` on and around. */
  readonly requests: number;
  readonly from: number;
  readonly method: string;
  readonly userAgent: string;
  /** Each connection sends a request every so many ms, not as soon as it has the answer. 0: it does not wait. */
  readonly everyMs: number;
}

export interface LoadResult {
  readonly answered: number;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Within how many ms 99 of 100 were answered. */
  readonly p99Ms: number;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** The length of the answer at the beginning of `bytes`, or `undefined` while it is not whole. */
function answerLength(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const at = head.search(/\r\ncontent-length:/i);
  if (at < 0 && /\r\ntransfer-encoding:/i.test(head)) throw new Error(`an answer in chunks:\n${head}`);
  const body = at < 0 ? 0 : Number.parseInt(head.slice(at + 17), 10);
  const length = headEnd + HEAD_END.length + body;
  return bytes.length < length ? undefined : length;
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const heads = order.paths.map((path) =>
    Buffer.from(
      [
        `${order.method} ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${order.port}`,
        `User-Agent: ${order.userAgent}`,
        "Accept: text/html,*/*;q=0.8",
        "Accept-Language: en,fr;q=0.5",
        "",
        "",
      ].join("\r\n"),
    ),
  );
  const statuses: Record<string, number> = {};
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order.port)));
  const startMs = performance.now();
  const deadlineMs = startMs + order.forMs;
  const latenciesMs: number[] = [];
  let sent = 0;
  let answered = 0;

  const work = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let pending: Buffer = Buffer.alloc(0);
      let sentAtMs = 0;
      const next = () => {
        const head = heads[(order.from + sent) % heads.length];
        if (head === undefined || sent >= order.requests || performance.now() >= deadlineMs) {
          socket.destroy();
          resolve();
          return;
        }
        sent++;
        sentAtMs = performance.now();
        socket.write(head);
      };
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the server closed a connection")));
      socket.on("data", (chunk: Buffer) => {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
        const length = answerLength(pending);
        if (length === undefined) return;
        const status = pending.toString("latin1", 9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        pending = pending.subarray(length);
        answered++;
        const tookMs = performance.now() - sentAtMs;
        latenciesMs.push(tookMs);
        if (order.everyMs === 0) next();
        else setTimeout(next, Math.max(0, order.everyMs - tookMs));
      });
      next();
    });

  await Promise.all(sockets.map(work));
  const elapsedMs = performance.now() - startMs;
  return { answered, elapsedMs, statuses, p99Ms: percentile(latenciesMs, 0.99) };
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.setNoDelay(true);
    socket.once("error", reject);
  });
}

process.on("message", (order: LoadOrder) => {
  load(order).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
