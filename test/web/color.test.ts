import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Color } from "../../src/platform/color.ts";
import { contrast, legibleOn, textOn } from "../../src/web/color.ts";
import { runs } from "../fuzz.ts";

const AA = 4.5;
const hex = (value: number): Color => `#${value.toString(16).padStart(6, "0")}`;
const colors = fc.integer({ min: 0, max: 0xffffff }).map(hex);
const greys = Array.from({ length: 256 }, (_, level) => hex(level * 0x010101));

describe("contrast", () => {
  it.each([
    ["#000000", "#ffffff", 21],
    ["#ffffff", "#ffffff", 1],
    // The lightest grey that passes on white, and the first that does not: WebAIM's contrast checker.
    ["#767676", "#ffffff", 4.54],
    ["#777777", "#ffffff", 4.48],
    ["#0000ff", "#ffffff", 8.59],
    ["#ff0000", "#000000", 5.25],
  ] as const)("of %s and %s is %d, either way round", (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
    expect(contrast(other, one)).toBeCloseTo(ratio, 2);
  });
});

describe("text on the sender's colour", () => {
  it("can be read on every colour", () => {
    fc.assert(
      fc.property(colors, (color) => {
        expect(contrast(textOn(color), color)).toBeGreaterThanOrEqual(AA);
      }),
      runs(5_000),
    );
    for (const grey of greys) expect(contrast(textOn(grey), grey)).toBeGreaterThanOrEqual(AA);
  });

  it("is black or white, whichever stands out more", () => {
    expect(textOn("#ffffff")).toBe("#000000");
    expect(textOn("#000000")).toBe("#ffffff");
    expect(textOn("#7a1f2b")).toBe("#ffffff");
    expect(textOn("#ffd400")).toBe("#000000");
  });
});

describe("the sender's colour as text", () => {
  it("can be read on every background", () => {
    fc.assert(
      fc.property(colors, colors, (background, color) => {
        expect(contrast(legibleOn(background, color), background)).toBeGreaterThanOrEqual(AA);
      }),
      runs(5_000),
    );
    for (const grey of greys) {
      for (const background of ["#ffffff", "#211e1c", grey] as const)
        expect(contrast(legibleOn(background, grey), background)).toBeGreaterThanOrEqual(AA);
    }
  });

  it("stays as it is where it can be read already", () => {
    fc.assert(
      fc.property(colors, colors, (background, color) => {
        fc.pre(contrast(color, background) >= AA);
        expect(legibleOn(background, color)).toBe(color);
      }),
      runs(400),
    );
  });

  it("is changed no more than it must be", () => {
    const lightened = legibleOn("#211e1c", "#7a1f2b");
    expect(lightened).not.toBe("#7a1f2b");
    expect(contrast(lightened, "#211e1c")).toBeLessThan(AA + 0.25);
  });
});
