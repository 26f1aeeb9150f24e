/** Bindings that fail on purpose, in the ways that the real ones do. */
import { env } from "cloudflare:workers";

/** A queue that refuses, hangs, or takes the message and then says that it did not. */
export function brokenQueue(how: "refuses" | "hangs" | "takes it and fails"): Queue<string> {
  return {
    ...env.EVENTS,
    send: async (body: string, options?: QueueSendOptions) => {
      if (how === "hangs") return await new Promise(() => {});
      if (how === "takes it and fails")
        await env.EVENTS.send(body, options as QueueSendOptions & { contentType: "text" });
      throw new Error("Queue send failed: Too Many Requests");
    },
  } as unknown as Queue<string>;
}

/** A database in which nothing can be prepared, until `mend` is called. */
export function brokenDatabase(): { d1: D1Database; mend: () => void } {
  let broken = true;
  const refuse = () =>
    Promise.reject(new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long."));
  const d1 = new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (broken && name === "batch") return refuse;
      if (broken && name === "prepare") {
        return () => {
          const statement = { bind: () => statement, run: refuse, all: refuse, first: refuse, raw: refuse };
          return statement;
        };
      }
      const value = real[name];
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return {
    d1,
    mend: () => {
      broken = false;
    },
  };
}

/** Durable Objects none of which can be reached. */
export function unreachable<T extends Rpc.DurableObjectBranded>(): DurableObjectNamespace<T> {
  const refuse = () => Promise.reject(new Error("Durable Object reset because its code was updated."));
  const stub = new Proxy({}, { get: () => refuse });
  return { getByName: () => stub } as unknown as DurableObjectNamespace<T>;
}
