/** Forms that programs send. */
import type { HonoRequest } from "hono";

/**
 * The fields of an urlencoded form; undefined for another body. Reads the body in either case, because workerd closes
 * the connection of a client that is still sending.
 */
export async function readForm(req: HonoRequest): Promise<URLSearchParams | undefined> {
  // `text()` logs a warning for form bodies, so decode the bytes.
  const body = new TextDecoder().decode(await req.arrayBuffer());
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(req.header("Content-Type") ?? "");
  return isForm ? new URLSearchParams(body) : undefined;
}
