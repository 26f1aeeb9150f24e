/** GET /v1/reports/emails with `name`. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { upsertNames } from "../../src/events/names.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";

beforeEach(emptyLog);

describe("GET /v1/reports/emails", () => {
  it("finds emails and campaigns by a part of their name in any case and any script, or by their id", async () => {
    const named = [
      ["email", "1", "Été: 50 % de réduction"],
      ["email", "2", "ÉTÉ suite"],
      ["email", "3", "عرض الخريف"],
      ["email", "4", "For Marie@Mail.example again"],
      ["campaign", "x", "Autumn_Sale 100%"],
    ] as const;
    await upsertNames(named.map(([kind, id, name]) => ({ kind, id, name })))
      .prepare(env.DB)
      .run();
    await logRows({ email: "1" }, { email: "2", campaign: "x" }, { email: "3" }, { email: "4" });
    const found = async (name: string, more = "") => {
      const { data } = (await get(`/v1/reports/emails?name=${encodeURIComponent(name)}${more}`)).body as {
        data: Record<string, { id: string }>[];
      };
      return data.map((row) => String((row.email ?? row.campaign)?.id)).join(" ");
    };
    expect(await found("été")).toBe("1 2");
    expect(await found("é", "&sort=sent&limit=1")).toBe("1");
    expect(await found("الخريف")).toBe("3");
    expect(await found("4")).toBe("4");
    expect([await found("for  again"), await found("marie"), await found("MAIL.EX")]).toEqual(["4", "", ""]);
    expect(await found("%")).toBe("1");
    expect(await found("été", "&campaign=x")).toBe("2");
    expect(await found("autumn_s", "&by=campaign")).toBe("x");
    expect(await found("autumn s", "&by=campaign")).toBe("");
    expect(await found("42", "&by=campaign")).toBe("42");
  });

  it("refuses to search more names than it reads, and to find more than it takes", async () => {
    const insert = async (count: number, name: string) => {
      await env.DB.prepare(`INSERT INTO names (kind, id, name, folded)
        WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        SELECT 'email', ?2 || n, ?2, ?2 FROM n`)
        .bind(count, name)
        .run();
    };
    await insert(5_001, "news");
    await logRows({ email: "news7" });
    expect(await get("/v1/reports/emails?name=ews")).toMatchObject({
      status: 400,
      body: { error: { code: "report_too_large", message: expect.stringContaining("name a longer part") } },
    });
    expect((await get("/v1/reports/emails?name=news7")).body.data).toHaveLength(1);
    await insert(95_000, "other");
    expect(await get("/v1/reports/emails?name=news7")).toMatchObject({
      status: 400,
      body: { error: { code: "report_too_large", message: expect.stringContaining("100000 emails have a name") } },
    });
  });
});
