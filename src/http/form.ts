/** A form as programs send it, of short fields. */
import type { HonoRequest } from "hono";

/** The fields of an urlencoded form; undefined of any other body, which is read all the same: workerd cuts off who still sends. */
export async function readForm(req: HonoRequest): Promise<URLSearchParams | undefined> {
  // Not text(): the runtime warns that a form is none.
  const body = new TextDecoder().decode(await req.arrayBuffer());
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(req.header("Content-Type") ?? "");
  return isForm ? new URLSearchParams(body) : undefined;
}
