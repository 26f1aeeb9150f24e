/**
 * Loaded in front of a program of the documents: what it asks of hosts that are not of this machine goes to the server
 * that stands for the providers (`PROVIDERS`), by `fetch` and by node:https.
 */
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const providers = new URL(process.env.PROVIDERS ?? "http://127.0.0.1:9");
const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const { protocol, pathname, search } = new URL(request.url);
  if (protocol !== "https:") return await realFetch(request);
  return await realFetch(new Request(new URL(pathname + search, providers), request));
};

https.request = ((options: https.RequestOptions, answered?: (response: http.IncomingMessage) => void) =>
  http.request(
    {
      ...options,
      agent: undefined,
      protocol: "http:",
      hostname: providers.hostname,
      host: providers.hostname,
      port: providers.port,
    },
    answered,
  )) as typeof https.request;
syncBuiltinESMExports();
