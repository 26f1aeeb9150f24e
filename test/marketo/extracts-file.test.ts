/** The file of an extract: its columns and formats, its rows, and when it exists. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  cancel,
  created,
  DAY,
  DAY_MS,
  enqueue,
  extracted,
  file,
  HEADER,
  idsIn,
  only,
  readDelimited,
  statusOf,
  withoutExtracts,
  work,
} from "./extract/extract-world.ts";
import { logInTime, newClient } from "./marketo.ts";

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
});

describe("the file", () => {
  it("has Marketo's columns, one line an activity, in the order of recording", async () => {
    await env.DB.prepare(
      "INSERT INTO names (kind, id, name, folded) VALUES ('email', '9001', 'Été, \"soldes\"', 'été, \"soldes\"')",
    ).run();
    const ids = await logInTime(
      { at: DAY_MS + 5_999, type: 6, email: "9001", person: "31", campaign: "ete-26" },
      {
        at: DAY_MS + 1_000,
        type: 11,
        email: "9002",
        person: "p-1",
        link: "https://shop.example/?a=1,2\u2028x",
        link_id: "l1",
        user_agent: 'Mo"zilla',
      },
      {
        at: DAY_MS,
        type: 27,
        email: "9002",
        detail: JSON.stringify({ category: 3, details: "451 line\nbreak" }),
      },
    );
    const text = await extracted(token);
    expect(text.split("\n")).toHaveLength(5);
    expect(text.endsWith("\n")).toBe(true);
    expect(text.startsWith(`${HEADER}\n`)).toBe(true);
    const [, sent, clicked, bounced] = readDelimited(text);
    expect(sent).toEqual([ids[0], "31", "2026-01-16T00:00:05Z", "6", "ete-26", "9001", 'Été, "soldes"', "{}"]);
    expect(clicked?.slice(0, 7)).toEqual([ids[1], "p-1", "2026-01-16T00:00:01Z", "11", "42", "9002", "9002"]);
    expect(clicked?.[7]).not.toContain("\u2028");
    expect(JSON.parse(clicked?.[7] ?? "")).toEqual({
      "Bot Activity Pattern": "N/A",
      Device: "unknown",
      "Is Bot Activity": false,
      Link: "https://shop.example/?a=1,2\u2028x",
      "Link ID": "l1",
      Platform: "unknown",
      "User Agent": 'Mo"zilla',
    });
    expect(JSON.parse(bounced?.[7] ?? "")).toEqual({ Category: "3", Details: "451 line\nbreak" });
  });

  it.each([
    ["TSV", "\t", "text/tab-separated-values; charset=utf-8"],
    ["SSV", ";", "text/csv; charset=utf-8"],
    ["CSV", ",", "text/csv; charset=utf-8"],
  ])("of %s has its delimiter and its Content-Type, and no mark of byte order", async (format, delimiter, type) => {
    const [id] = await logInTime({ at: DAY_MS, type: 10, user_agent: "a;b\tc,d" });
    const job = await created(token, { format });
    expect(only(await enqueue(token, job)).format).toBe(format);
    await work();
    const answer = await file(token, job);
    expect(answer.headers.get("Content-Type")).toBe(type);
    // `text()` would leave the mark out, which readers take for a part of the first column's name.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await answer.arrayBuffer());
    const lines = readDelimited(text, delimiter);
    expect(lines).toHaveLength(2);
    expect(lines[0]?.join(delimiter)).toBe(HEADER.replaceAll(",", delimiter));
    expect(lines[1]?.[0]).toBe(id);
    expect(JSON.parse(lines[1]?.[7] ?? "")).toMatchObject({ "User Agent": "a;b\tc,d" });
  });

  it("has no text that a spreadsheet takes for a formula, while ids stay and JSON reads the same", async () => {
    const name = '=HYPERLINK("https://evil.example","Été")';
    await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '-9', ?1, lower(?1))")
      .bind(name)
      .run();
    const userAgent = '=1+1;=cmd|"/C calc"!A1,+2,@SUM(1)';
    await logInTime(
      { at: DAY_MS, type: 11, email: "-9", person: "-3", link: "-1", link_id: "@l", user_agent: userAgent },
      { at: DAY_MS, type: 9, detail: JSON.stringify({ formFields: { "＝why": "=no", plain: "a=b;-c" } }) },
    );
    const text = await extracted(token);
    const [, clicked, unsubscribed] = readDelimited(text);
    expect([clicked?.[1], clicked?.[5], clicked?.[6]]).toEqual(["-3", "-9", `'${name}`]);
    const attributes = JSON.parse(clicked?.[7] ?? "");
    expect(attributes).toMatchObject({ Link: "-1", "Link ID": "@l", "User Agent": userAgent });
    const { "Form Fields": fields } = JSON.parse(unsubscribed?.[7] ?? "");
    expect(JSON.parse(fields)).toEqual({ "＝why": "=no", plain: "a=b;-c" });
    // Whether a reader minds quotes or not, and splits at commas or semicolons: it finds no formula.
    const cells = text.split(/[",;\n]/).filter((cell) => !/^-\d+$/.test(cell));
    expect(cells.filter((cell) => /^[=+\-@＝＋－＠]/.test(cell))).toEqual([]);
  });

  it("has the requested fields, in their order, under the requested headers", async () => {
    const [id] = await logInTime({ at: DAY_MS, person: "31" });
    const text = await extracted(token, {
      fields: ["leadId", "actionResult", "marketoGUID"],
      columnHeaderNames: { leadId: "Who, exactly", marketoGUID: "GUID" },
    });
    expect(text).toBe(`"Who, exactly",actionResult,GUID\n31,null,${id}\n`);
  });

  it("has every field when fields and columnHeaderNames are null, as clients send them", async () => {
    await logInTime({ at: DAY_MS });
    const text = await extracted(token, { fields: null, columnHeaderNames: null });
    expect(text.split("\n")[0]).toBe(HEADER);
  });

  it("holds what was recorded from startAt to endAt, both included, to the second, and nothing else", async () => {
    const at = [-1, 0, 999, 3_599_999, 3_600_000, 3_600_999, 3_601_000].map((ms) => DAY_MS + ms);
    const ids = await logInTime(...at.map((ms) => ({ at: ms })));
    const hour = { startAt: "2026-01-16T01:00:00+01:00", endAt: "2026-01-16T01:00:00Z" };
    expect(idsIn(await extracted(token, { filter: { createdAt: hour } }))).toEqual(ids.slice(1, 6));
    const instant = { startAt: hour.endAt, endAt: hour.endAt };
    expect(idsIn(await extracted(token, { filter: { createdAt: instant } }))).toEqual(ids.slice(4, 6));
  });

  it("holds the requested types, and never a type that types.json does not list", async () => {
    const [sent, , clicked] = await logInTime(...[6, 9, 11, 4711].map((type) => ({ at: DAY_MS, type })));
    const filter = { createdAt: DAY, activityTypeIds: [11, 6] };
    expect(idsIn(await extracted(token, { filter }))).toEqual([sent, clicked]);
    expect(idsIn(await extracted(token))).toHaveLength(3);
  });

  it("without activities is its header", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    expect(await (await file(token, id)).text()).toBe(`${HEADER}\n`);
    expect(await statusOf(token, id)).toMatchObject({ numberOfRecords: 0, fileSize: HEADER.length + 1 });
  });

  it("is a 404 in plain text before the job is completed", async () => {
    const id = await created(token);
    const answer = await file(token, id);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("Content-Type")).toContain("text/plain");
    expect(await answer.text()).toContain("Created");
    await cancel(token, id);
    expect((await file(token, id)).status).toBe(404);
  });

  it("is a 404 after it was deleted from the bucket", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    await env.EXTRACT_FILES.delete(id);
    expect((await file(token, id)).status).toBe(404);
  });
});
