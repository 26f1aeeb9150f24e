/** HTTP/1.1 byte by byte, for what clients do and no HTTP library would. */
import { connect, type Socket } from "node:net";
import type { LocalWorker } from "../../../src/dev/local-worker.ts";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; a header's bytes are one character each. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

async function connected(worker: LocalWorker): Promise<Socket> {
  const { hostname, port } = new URL(worker.origin);
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** A request's bytes; each line a header, `body` behind them. */
export function requestOf(startLine: string, headers: readonly string[], body = ""): Buffer {
  return Buffer.from([`${startLine} HTTP/1.1`, "Host: t.example", ...headers, "", body].join("\r\n"), "latin1");
}

/** Sends bytes and waits for the answer, however few they were: the connection is then closed by this side. */
export async function exchange(worker: LocalWorker, bytes: Buffer): Promise<RawAnswer> {
  const socket = await connected(worker);
  const text = await new Promise<string>((resolve, reject) => {
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      received += part;
      if (isWhole(received, bytes)) resolve(received);
    });
    socket.once("end", () => resolve(received));
    socket.once("error", reject);
    socket.write(bytes);
  });
  socket.destroy();
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => /^(.*?): (.*)$/s.exec(line) ?? []);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: new Map(headers.map(([, name = "", value = ""]) => [name.toLowerCase(), value])),
    body,
  };
}

function isWhole(received: string, request: Buffer): boolean {
  const [head, body] = received.split("\r\n\r\n");
  if (head === undefined || body === undefined) return false;
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return request.subarray(0, 5).toString() === "HEAD " || body.length >= length;
}

/** How a client leaves: it closes its side, or it vanishes and the connection is reset. */
export type Leaving = "closes" | "resets";

/** Sends bytes and hangs up `afterMs` later, whatever comes back. */
export async function hangUp(worker: LocalWorker, bytes: Buffer, leaving: Leaving, afterMs: number): Promise<void> {
  const socket = await connected(worker);
  await new Promise<void>((sent) => socket.write(bytes, () => sent()));
  await new Promise((later) => setTimeout(later, afterMs));
  if (leaving === "closes") socket.destroy();
  else socket.resetAndDestroy();
}
