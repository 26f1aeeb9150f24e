import { expect, it } from "vitest";
import { printable, printableJson } from "../../src/cli/printable.ts";

it("a line on the terminal holds no control sequence of a mail's, and no half characters", () => {
  expect(printable("https://a.example/\u009b31m\u202e\ud800é\n")).toBe("https://a.example/%C2%9B31m%E2%80%AE\ufffdé\n");
});

it("JSON on the terminal holds no control sequence of a mail's, and is the same value", () => {
  const value = { userAgent: "\u009b31m \u001b[31m \u202e \u007f \u{e0001} é\n" };
  for (const indent of [undefined, 2]) {
    const json = printableJson(value, indent);
    expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(json).toContain("é");
    expect(JSON.parse(json)).toEqual(value);
  }
});
