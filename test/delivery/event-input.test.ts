import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainReport, reportOf } from "../../src/delivery/event-input.ts";
import { configured } from "../../src/http/configured.ts";

/** Right values much more often than wrong ones, and what JSON can hold besides. */
const value = (right: unknown[], ...wrong: unknown[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(null, ...wrong), fc.jsonValue()) },
  );
const id = value([7, "7", "a.b:c-d_e", -3], "", "a b", 1.5, "x".repeat(65));
const event = fc.record(
  {
    type: value(["sent", "delivered"], "hard_bounced"),
    email: id,
    person: id,
    campaign: id,
    send: id,
    address: value(["a@b.example", "é@b.example"], "a@b@c", "a\n@b", `${"x".repeat(250)}@b.example`),
    at: value(
      ["2026-11-20T09:30:00Z", "2026-11-20 09:30:00+01:00", 1_790_000_000_000],
      "2026-11-20",
      7,
      9e15,
    ),
  },
  { requiredKeys: ["type", "email", "person", "campaign"] },
);
const more = fc.constantFrom({}, {}, {}, { category: 2 }, { message: "AAAA" }, { toString: 1 });

describe("a plain event", () => {
  it("is what the schema makes of it, and what the schema refuses is none", () => {
    const settings = configured(env);
    let plain = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(event, more).map(([told, another]) => ({ ...told, ...another })),
          fc.jsonValue(),
        ),
        (told) => {
          const report = plainReport(told);
          if (report === undefined) return;
          plain++;
          expect(reportOf(told, "events.0", settings)).toEqual(report);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(500);
  });
});
