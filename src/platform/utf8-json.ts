/** JSON as it arrives: bytes in UTF-8. */
import { ok, type Result, refused } from "./result.ts";

/**
 * The JSON of a body, which may begin with a byte order mark. Refuses bytes that are not UTF-8, instead of replacing
 * them, and says what is wrong, as the end of a sentence.
 */
export function parseUtf8Json(bytes: ArrayBuffer | Uint8Array): Result<unknown, string> {
  try {
    return ok(JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)));
  } catch (error) {
    return refused(error instanceof SyntaxError ? error.message : "it is not UTF-8");
  }
}
