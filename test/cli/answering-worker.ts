/** A server instead of a Worker: it answers what a test says, and keeps the requests. */
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** `to` are the command's options that lead to it. */
export async function workerThatAnswers(answer: (request: IncomingMessage) => { status?: number; body: unknown }) {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({
        method: request.method,
        url: request.url,
        authorization: request.headers.authorization,
        body,
      });
      const { status = 200, body: given } = answer(request);
      response.writeHead(status).end(typeof given === "string" ? given : JSON.stringify(given));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { received, to: ["--origin", `http://127.0.0.1:${address.port}`, "--api-key", "wxs_dev_test"] };
}
