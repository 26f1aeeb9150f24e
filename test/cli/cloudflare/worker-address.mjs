/**
 * Preloaded into a program that deploys: its calls of the Worker on workers.dev go to WORKER, on this machine, and the
 * DNS knows no name.
 */
import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";

const unknown = () => Promise.reject(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }));
Object.assign(dns, { resolve4: unknown, resolve6: unknown, resolveCname: unknown });
syncBuiltinESMExports();

const { fetch } = globalThis;

globalThis.fetch = async (input, init) => {
  const { hostname, pathname } = new URL(input instanceof Request ? input.url : input);
  return await fetch(hostname.endsWith(".workers.dev") ? process.env.WORKER + pathname : input, init);
};
