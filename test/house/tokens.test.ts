/** The dashboard's colours can be seen, and its style sheet means the sizes that charts are drawn for. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Color } from "../../src/platform/color.ts";
import { LABEL_SIZE_REM, LABEL_WIDTHS_REM } from "../../src/web/charts/axis-labels.ts";
import { contrast } from "../../src/web/color.ts";

const tokens = readFileSync("src/web/tokens.css", "utf8");
const style = readFileSync("src/web/charts/line-chart.css", "utf8");

/** The tokens of one scheme: "--ink" → "#211c19". */
function colorsOf(css: string): Readonly<Record<string, Color>> {
  const isColor = (value: string): value is Color => value.startsWith("#");
  const found = [...css.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)];
  return Object.fromEntries(
    found.flatMap(([, name = "", value = ""]) => (isColor(value) ? [[name, value] as const] : [])),
  );
}

const [light = "", dark = "", print = ""] = tokens.split("@media");
const SCHEMES = { light: colorsOf(light), dark: { ...colorsOf(light), ...colorsOf(dark) } };
const PAPER = { ...SCHEMES.dark, ...colorsOf(print) };

describe.each(Object.entries({ ...SCHEMES, "print from the dark": PAPER }))("the colours of %s", (_, colors) => {
  const ratio = (one: string, other: string) => contrast(colors[one] ?? "#000000", colors[other] ?? "#000000");
  const names = (pattern: RegExp) => Object.keys(colors).filter((name) => pattern.test(name));

  it("pass for text on every ground", () => {
    for (const ground of ["--paper", "--card", "--hover"])
      for (const text of ["--ink", "--soft", "--accent", "--good", "--warn", "--bad"])
        expect([ground, text, ratio(text, ground) >= 4.5]).toEqual([ground, text, true]);
    expect(ratio("--on-accent", "--accent-fill")).toBeGreaterThanOrEqual(4.5);
  });

  it("pass for what is drawn on a card", () => {
    const drawn = [...names(/^--chart-\d$/), "--control", "--soft", "--focus"];
    expect(drawn).toHaveLength(7);
    for (const name of drawn) expect([name, ratio(name, "--card") >= 3]).toEqual([name, true]);
  });

  it("tell each shade of a heat map from the next", () => {
    const shades = names(/^--heat-\d$/);
    expect(shades).toHaveLength(6);
    for (const [index, shade] of shades.slice(1).entries())
      expect([shade, ratio(shade, shades[index] ?? "") >= 1.35]).toEqual([shade, true]);
  });
});

it("the labels of an axis are shown at the widths that they were placed for", () => {
  const ranges = LABEL_WIDTHS_REM.map((from, index) => {
    const until = LABEL_WIDTHS_REM[index + 1];
    const range = until === undefined ? `${from}rem <= width` : `${from}rem <= width < ${until}rem`;
    return `@container (${range}) {\n  .axis-labels .from-${from} {\n    display: inline;\n  }\n}`;
  });
  for (const range of ranges) expect(style).toContain(range);
  expect(tokens).toContain(`--text-xs: ${LABEL_SIZE_REM}rem`);
});
