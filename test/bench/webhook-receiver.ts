/** A sender's receiver on loopback that checks every post by the package `standardwebhooks`, and keeps the seqs. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";

/** "takes": answers 204; "fails": 500; "hangs": never. */
export type Behaviour = "takes" | "fails" | "hangs";

const Content = v.object({ type: v.string(), timestamp: v.string(), data: v.object({ seq: v.number() }) });
const Batch = v.object({ type: v.literal("batch"), timestamp: v.string(), data: v.array(Content) });
const Post = v.union([Batch, Content]);

export class WebhookReceiver {
  /** Of the events that were posted, in that order; a post that came again is left out. */
  readonly seqs: number[] = [];
  /** Posts that were taken. */
  posts = 0;
  /** Posts under a webhook-id that was seen before. */
  repeated = 0;
  /** A sentence for each post that was not right. */
  readonly faults: string[] = [];
  readonly #ids = new Set<string>();
  readonly #server: Server;
  readonly #behaviour: Behaviour;
  #webhook: Webhook | undefined;

  constructor(behaviour: Behaviour = "takes") {
    this.#behaviour = behaviour;
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (status) => (status === undefined ? undefined : response.writeHead(status).end()),
        (error: unknown) => {
          this.faults.push(String(error));
          response.writeHead(401).end();
        },
      );
    });
  }

  /** Resolves to its URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the receiver has no port");
    return `http://127.0.0.1:${address.port}/events`;
  }

  /** The endpoint's secret, once it is known. */
  set secret(secret: string) {
    this.#webhook = new Webhook(secret);
  }

  forget(): void {
    this.seqs.length = 0;
    this.posts = 0;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #take(request: IncomingMessage): Promise<number | undefined> {
    const body = await text(request);
    if (this.#behaviour === "hangs") return undefined;
    if (this.#behaviour === "fails") return 500;
    if (this.#webhook === undefined) throw new Error("a post came before the secret was known");
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const post = v.parse(Post, this.#webhook.verify(body, headers));
    this.posts++;
    const id = headers["webhook-id"] ?? "";
    if (this.#ids.has(id)) this.repeated++;
    this.#ids.add(id);
    const contents = "seq" in post.data ? [{ data: post.data }] : post.data;
    for (const { data } of contents) this.seqs.push(data.seq);
    return 204;
  }
}
