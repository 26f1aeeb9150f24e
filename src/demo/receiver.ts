/**
 * The sender's endpoint for retries: an HTTP server on loopback that refuses posts without its secret's signature
 * (Standard Webhooks 1.0.0), and knows by webhook-id whether a retry was posted before.
 */
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import { errorMessage } from "../cli/command-error.ts";

export interface RetryReceiver extends AsyncDisposable {
  readonly url: string;
  /** The secret that the Worker made for it. Until it is known, every post is refused. */
  secret: string | undefined;
  /** webhook-id → the event of a retry that was posted under it. */
  readonly posted: ReadonlyMap<string, unknown>;
  /** A sentence for each post that was refused. */
  readonly faults: readonly string[];
}

const Post = v.object({ type: v.literal("send.retry"), timestamp: v.string(), data: v.unknown() });

export async function startRetryReceiver(): Promise<RetryReceiver> {
  const known: { secret: string | undefined } = { secret: undefined };
  const posted = new Map<string, unknown>();
  const faults: string[] = [];
  const take = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      if (known.secret === undefined) throw new Error("it came before the endpoint's secret");
      const { data } = v.parse(Post, new Webhook(known.secret).verify(body, headers));
      posted.set(headers["webhook-id"] ?? "", data);
      return 204;
    } catch (error) {
      faults.push(`a post to the endpoint was refused: ${errorMessage(error)}`);
      return 401;
    }
  };
  const server = createServer((request, response) => {
    take(request).then(
      (status) => response.writeHead(status).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver of retries has no port");
  return {
    url: `http://127.0.0.1:${address.port}/retries`,
    get secret() {
      return known.secret;
    },
    set secret(secret) {
      known.secret = secret;
    },
    posted,
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}
