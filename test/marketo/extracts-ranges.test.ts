/** Ranges of a file (RFC 9110 §14). */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byteRange } from "../../src/marketo/byte-range.ts";
import { ask } from "../worker.ts";
import { created, DAY_MS, EXTRACTS_PATH, enqueue, file, withoutExtracts, work } from "./extract/extract-world.ts";
import { logInTime, newClient } from "./marketo.ts";

let token = "";
let id = "";
let whole = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
  await logInTime(...Array.from({ length: 20 }, (_, n) => ({ at: DAY_MS + n })));
  id = await created(token);
  await enqueue(token, id);
  await work();
  whole = await (await file(token, id)).text();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const ranged = (range: string) => file(token, id, { Range: range });

describe("a file", () => {
  it("is answered whole, with its length, and announces ranges", async () => {
    const answer = await file(token, id);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Length")).toBe(String(whole.length));
    expect(answer.headers.get("Accept-Ranges")).toBe("bytes");
    expect(answer.headers.get("Content-Range")).toBeNull();
    expect(answer.headers.get("ETag")).toMatch(/^"[^"]+"$/);
    expect(answer.headers.get("Cache-Control")).toBe("no-store, no-transform");
  });

  it.each<[string, (size: number) => [number, number]]>([
    ["bytes=0-9", () => [0, 10]],
    ["bytes=5-5", () => [5, 6]],
    ["bytes=10-", (size) => [10, size]],
    ["bytes=-7", (size) => [size - 7, size]],
    ["bytes=-999999", (size) => [0, size]],
    ["bytes=3-999999999999999999999", (size) => [3, size]],
    ["Bytes = 0 - 9 ", () => [0, 10]],
  ])("has a range for %s: 206", async (range, ends) => {
    const [from, to] = ends(whole.length);
    const answer = await ranged(range);
    expect(answer.status).toBe(206);
    expect(answer.headers.get("Content-Range")).toBe(`bytes ${from}-${to - 1}/${whole.length}`);
    expect(answer.headers.get("Content-Length")).toBe(String(to - from));
    expect(answer.headers.get("Accept-Ranges")).toBe("bytes");
    expect(await answer.text()).toBe(whole.slice(from, to));
  });

  it("can be fetched in ranges that fit together", async () => {
    const pieces: string[] = [];
    for (let at = 0; at < whole.length; at += 100) pieces.push(await (await ranged(`bytes=${at}-${at + 99}`)).text());
    expect(pieces.join("")).toBe(whole);
  });

  it.each(["bytes=999999-", "bytes=999999-1000000", "bytes=-0"])("has no range for %s: 416", async (range) => {
    const answer = await ranged(range);
    expect(answer.status).toBe(416);
    expect(answer.headers.get("Content-Range")).toBe(`bytes */${whole.length}`);
  });

  it("has no range that begins right after its end, and one at its last byte", async () => {
    expect((await ranged(`bytes=${whole.length}-`)).status).toBe(416);
    expect(await (await ranged(`bytes=${whole.length - 1}-`)).text()).toBe("\n");
  });

  it.each([
    "lines=0-9",
    "bytes=9-0",
    "bytes=-",
    "bytes=0-1,3-4",
    "bytes=a-b",
    "bytes",
    "",
  ])("is answered whole for %j, which is malformed or names several ranges", async (range) => {
    const answer = await ranged(range);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(whole);
  });

  it("is answered without its bytes to HEAD", async () => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await ask(`${EXTRACTS_PATH}/${id}/file.json`, { method: "HEAD", headers });
    expect(answer.headers.get("Content-Length")).toBe(String(whole.length));
    expect(await answer.text()).toBe("");
  });

  it("is refused with 611 when R2 fails, without R2's message", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const bucket = { get: () => Promise.reject(new Error("R2 is down")) } as unknown as R2Bucket;
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await ask(`${EXTRACTS_PATH}/${id}/file.json`, { headers }, { ...env, EXTRACT_FILES: bucket });
    expect(await answer.json()).toMatchObject({ success: false, errors: [{ code: "611" }] });
  });
});

describe("a range", () => {
  it("of an empty file cannot be satisfied", () => {
    expect(byteRange("bytes=0-", 0)).toEqual({ ok: false, reason: "unsatisfiable" });
    expect(byteRange("bytes=-5", 0)).toEqual({ ok: false, reason: "unsatisfiable" });
    expect(byteRange(null, 0)).toEqual({ ok: false, reason: "whole_file" });
  });

  it.each([
    "bytes_",
    "bytes=_",
    "bytes=1_",
    "bytes=1_2",
    "bytes=1-_x",
    "bytes=1-2_x",
  ])("is read in a time that grows with its length, however many spaces are at _ in %j", (range) => {
    // In quadratic time, as much text would take hours.
    const spaces = " ".repeat(1_000_000);
    expect(byteRange(range.replace("_", spaces), 9)).toEqual({ ok: false, reason: "whole_file" });
  });
});
