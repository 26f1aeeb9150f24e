/** Lines of an extract: a reader of RFC 4180 gets back what was written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMATS, type Format, lineOf } from "../../../src/marketo/extract/delimited.ts";
import { runs } from "../../fuzz.ts";
import { readDelimited } from "./extract-world.ts";

const formats = Object.keys(FORMATS) as Format[];

describe("a line", () => {
  it.each<[Format, string]>([
    ["CSV", 'plain,"a,b",a;b,a\tb,"say ""hi""","one\ntwo","one\rtwo",null,null\n'],
    ["TSV", 'plain\ta,b\ta;b\t"a\tb"\t"say ""hi"""\t"one\ntwo"\t"one\rtwo"\tnull\tnull\n'],
    ["SSV", 'plain;a,b;"a;b";a\tb;"say ""hi""";"one\ntwo";"one\rtwo";null;null\n'],
  ])("of %s quotes values with its delimiter, a quote or a line break, and no others", (format, line) => {
    const values = ["plain", "a,b", "a;b", "a\tb", 'say "hi"', "one\ntwo", "one\rtwo", null, ""];
    expect(lineOf(values, format)).toBe(line);
  });

  it.each(formats)("of %s gives every value back, and null for a missing one", (format) => {
    const special = fc.string({
      unit: fc.constantFrom('"', ",", ";", "\t", "\n", "\r", " ", "a", "é", "\u2028", "𝄞"),
    });
    const value = fc.option(fc.oneof(fc.string({ unit: "binary" }), special));
    const lines = fc.array(fc.array(value, { minLength: 1, maxLength: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(lines, (written) => {
        const text = written.map((values) => lineOf(values, format)).join("");
        expect(readDelimited(text, FORMATS[format].delimiter)).toEqual(
          written.map((values) => values.map((each) => (each === null || each === "" ? "null" : each))),
        );
      }),
      runs(400),
    );
  });
});
