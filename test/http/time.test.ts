/** Times in requests. */
import { describe, expect, it } from "vitest";
import { instantOf } from "../../src/http/time.ts";

describe("an instant", () => {
  it.each([
    ["2026-01-16T10:00Z", "2026-01-16T10:00:00Z"],
    ["2026-01-16T10:00:30z", "2026-01-16T10:00:30Z"],
    ["2026-01-16 10:00:00.5-08:00", "2026-01-16T18:00:00.500Z"],
    ["2026-01-16T10:00+0130", "2026-01-16T08:30:00Z"],
  ])("is read from %s", (text, utc) => {
    expect(instantOf(text)).toBe(Date.parse(utc));
  });

  it.each([
    "2026-01-16",
    "2026-01-16Z",
    "2026-01-16-01:00",
    "2026-01-16T10:00",
    "2026-01-16T10:00:30",
    "2026-01-16 10:00",
    "2026-02-30T10:00Z",
    "10:00Z",
    "Z",
    "",
  ])("is not read from %j, which has no zone, no clock or no such day", (text) => {
    expect(instantOf(text)).toBeUndefined();
  });

  it("is looked for in a time that grows with the text's length", () => {
    // In quadratic time, as much text would take hours.
    for (const repeated of [":", " ", "-", "0", "+00"])
      expect(instantOf(`2026-01-16T10:00${repeated.repeat(1_000_000)}!`)).toBeUndefined();
  });
});
