/** Extracts while bindings fail: R2 with a wrapper around each call, and the state that a job must have in the end. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { created, enqueue, extractsObject, work, workOn } from "../marketo/extract/extract-world.ts";
import { environment } from "../worker.ts";
import { surround } from "./broken.ts";

/** A part and a little more. */
export const CLICKS = 2_500;
/**
 * The calls of a job of two parts. R2: create, two parts, head, complete, get. D1: the top, the period, and two for
 * rows.
 */
export const R2_CALLS = 6;
export const D1_CALLS = 4;

/** Wraps one call of R2: gets its number, from 0, and its name, and calls `go` or does not. */
export type Around = (go: () => Promise<unknown>, call: number, name: string) => Promise<unknown>;

/** The real bucket with a hook around each of its calls, and the ids of the uploads that were created. */
export function bucketWith(around: Around) {
  let calls = 0;
  const uploads = new Set<string>();
  const hooked = <T extends object>(real: T): T =>
    new Proxy(real, {
      get: (_, name: keyof T & string) => {
        const member: unknown = real[name];
        if (typeof member !== "function") return member;
        return (...values: unknown[]) => {
          if (name === "resumeMultipartUpload") return hooked(member.apply(real, values));
          const go = async () => {
            const answer = await member.apply(real, values);
            if (name === "createMultipartUpload") uploads.add(answer.uploadId);
            return answer;
          };
          return around(go, calls++, name);
        };
      },
    });
  return { bucket: hooked(env.EXTRACT_FILES), uploads, calls: () => calls };
}

export const refuse = () => Promise.reject(new Error("R2 failed: We encountered an internal error. (10001)"));

/** Queues a job of CLICKS clicks in an object with these bindings, and runs it until its alarm is not due any more. */
export async function begin(token: string, bindings: Partial<Env>): Promise<string> {
  const id = await created(token);
  await surround(extractsObject(), environment(bindings));
  await enqueue(token, id);
  await work().catch(() => {
    // A call of an object that dies gets no answer.
  });
  return id;
}

export async function mend(): Promise<void> {
  await surround(extractsObject(), env);
  await workOn();
}

/** Checks that R2 holds nothing of a job, and that nothing can be added. */
export async function expectNothingLeft(id: string, uploads: ReadonlySet<string>): Promise<void> {
  expect(await env.EXTRACT_FILES.head(id)).toBeNull();
  for (const upload of uploads) {
    const late = env.EXTRACT_FILES.resumeMultipartUpload(id, upload).uploadPart(1, "late");
    await expect(late).rejects.toThrow("(10024)");
  }
  const parts = await runInDurableObject(extractsObject(), (_, { storage }) =>
    storage.sql.exec("SELECT 1 FROM parts").toArray(),
  );
  expect(parts).toEqual([]);
}
