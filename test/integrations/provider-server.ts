/** A server on this machine that takes what the providers' SDKs post, keeps it and answers as each provider does. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface WireRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** JSON, or the fields of a form. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ProviderServer {
  readonly url: string;
  /** "127.0.0.1:49152" */
  readonly host: string;
  /** In the order of their arrival. */
  readonly requests: readonly WireRequest[];
  stop(): Promise<void>;
}

/** What an SDK reads of its provider's answer; SendGrid's is empty. */
const ACCEPTED = { id: "56761188", MessageId: "0100018f", MessageID: "883953f4", ErrorCode: 0, messageId: "<1@brevo>" };

export async function startProviderServer(): Promise<ProviderServer> {
  const requests: WireRequest[] = [];
  const server = createServer(async (request, response) => {
    const { url: path = "/", headers } = request;
    const raw = Uint8Array.from(await buffer(request));
    requests.push({ path, headers, body: await bodyOf(raw, headers["content-type"] ?? "") });
    response.writeHead(path === "/v3/mail/send" ? 202 : 200, { "Content-Type": "application/json" });
    response.end(path === "/v3/mail/send" ? "" : JSON.stringify(ACCEPTED));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function bodyOf(raw: Uint8Array<ArrayBuffer>, type: string): Promise<WireRequest["body"]> {
  if (type.includes("json")) return JSON.parse(new TextDecoder().decode(raw));
  const form = await new Response(raw, { headers: { "Content-Type": type } }).formData();
  return Object.fromEntries(form);
}
