/** Answers for the deployed Worker on workers.dev to programs in processes of their own. */
import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";

/** Preloads, by `--import`, that calls of workers.dev go to the environment's WORKER. */
export const TO_THE_WORKER = new URL("worker-address.mjs", import.meta.url).href;

/** @returns the environment that TO_THE_WORKER needs */
export async function serveWorker(call: (path: string) => Promise<Response>): Promise<{ readonly WORKER: string }> {
  const server = createServer(async ({ url = "/" }, response) => {
    const answer = await call(url);
    response.writeHead(answer.status).end(await answer.text());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return { WORKER: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}
