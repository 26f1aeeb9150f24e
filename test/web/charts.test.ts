import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import {
  BarChart,
  FunnelChart,
  HeatMap,
  LineChart,
  type LineChartProps,
  Sparkline,
  timeAxis,
} from "../../src/web/charts/index.ts";

const DAY_MS = 86_400_000;
const HOSTILE = `"><script>alert(1)</script><b onclick='x'>&amp;</b>`;

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** A rendered chart, as a browser reads it. */
class Drawn {
  readonly html: string;
  readonly elements: readonly Element[];

  constructor(html: string) {
    this.html = html;
    this.elements = elementsIn(parseFragment(html));
  }

  all(tag: string, kind = ""): readonly Element[] {
    return this.elements.filter((each) => each.tagName === tag && ` ${attribute(each, "class")} `.includes(kind));
  }

  /** The name of what is shown to a screen reader as one picture. */
  get name(): string | undefined {
    const picture = this.elements.find((each) => attribute(each, "role") === "img");
    return picture && attribute(picture, "aria-label");
  }

  get table(): readonly (readonly string[])[] {
    return this.all("tr").map((row) =>
      elementsIn(row)
        .filter(({ tagName }) => /^t[hd]$/.test(tagName))
        .map(textOf),
    );
  }
}

function elementsIn(node: Node): readonly Element[] {
  const children = "childNodes" in node ? node.childNodes : [];
  return children.flatMap((child) => ("tagName" in child ? [child, ...elementsIn(child)] : []));
}

function textOf(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

const attribute = ({ attrs }: Element, name: string) => attrs.find((each) => each.name === name)?.value ?? "";
const draw = async (element: ReturnType<typeof LineChart>) => new Drawn(String(await element));
const days = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * DAY_MS).toISOString().slice(0, 10));
const november = timeAxis("day", days("2026-11-01", 30));
const lineChart = (props: Partial<LineChartProps>) =>
  draw(LineChart({ title: "Opens a day", axis: november, series: [], ...props }));

describe("a line chart", () => {
  it("says what it shows, and has the same in its table", async () => {
    const values = days("2026-11-01", 30).map((_, index) => (index === 13 ? 1_512 : 100 + index));
    const before = values.map((value) => value - 50);
    const chart = await lineChart({
      series: [
        { label: "People", values, before },
        { label: "Bots", values: values.map(() => 7) },
      ],
    });
    expect(chart.name).toBe(
      "Opens a day, Sun, 1 Nov 2026 to Mon, 30 Nov 2026. " +
        "People: 100 at first, 129 at last, highest 1,512 (Sat, 14 Nov 2026). " +
        "People, period before: 50 at first, 79 at last, highest 1,462 (Sat, 14 Nov 2026). Bots: 7 throughout.",
    );
    expect(chart.table.slice(0, 2)).toEqual([
      ["Day", "People", "People, period before", "Bots"],
      ["Sun, 1 Nov 2026", "100", "50", "7"],
    ]);
    expect(chart.table).toHaveLength(31);
    expect(chart.table[14]).toEqual(["Sat, 14 Nov 2026", "1,512", "1,462", "7"]);
  });

  it("breaks its line where nothing is known, and marks a point that no line leads to", async () => {
    const axis = timeAxis("day", days("2026-11-01", 10));
    const values = [1, 2, Number.NaN, 5, null, null, 3, 4, 5, null];
    const chart = await lineChart({ axis, series: [{ label: "People", values }] });
    const [path] = chart.all("path", " line-path ");
    expect(path && attribute(path, "d").match(/M/g)).toHaveLength(3);
    expect(chart.all("svg", " symbol ").map((each) => attribute(each, "x"))).toEqual(["35%", "85%"]);
    expect(chart.table[3]).toEqual(["Tue, 3 Nov 2026", "–"]);
  });

  it.each([
    ["one point", [1], ["0", "1"]],
    ["zeros", [0, 0, 0], ["0", "1"]],
    ["a million, all the same", [1e6, 1e6], ["0", "200K", "400K", "600K", "800K", "1M"]],
  ])("of %s has an axis", async (_, values, ticks) => {
    const axis = timeAxis("day", days("2026-11-01", values.length));
    const chart = await lineChart({ axis, series: [{ label: "People", values }] });
    expect(chart.all("div", " line-y ").flatMap((y) => elementsIn(y).map(textOf))).toEqual(ticks);
    expect(chart.all("svg", " symbol ")).toHaveLength(values.length);
    expect(chart.html).not.toMatch(/NaN|undefined/);
  });

  it("says of its last bucket that it is not over, and leaves out what is beyond its axis", async () => {
    const axis = timeAxis("day", days("2026-11-28", 2));
    const series = [{ label: "People", values: [4, 1], before: [2, 3, 9_000] }];
    const chart = await lineChart({ axis, series, isUnfinished: true });
    expect(chart.name).toContain("to Sun, 29 Nov 2026, so far. People: 4 at first, 1 at last, highest 4");
    expect(chart.table[2]).toEqual(["Sun, 29 Nov 2026, so far", "1", "3"]);
    const paths = chart.all("path", " series-1 ").map((each) => attribute(each, "d"));
    expect(paths).toEqual(["M250,500L750,250", "M250,0Z", "M250,0L750,750"]);
    expect(chart.all("path", " line-unfinished ")).toHaveLength(1);
  });

  it("of rates shows what they are not to exceed", async () => {
    const series = [{ label: "Complaints", values: november.labels.map(() => 0.0002) }];
    const chart = await lineChart({ series, format: "share", limits: [{ label: "Gmail blocks from", value: 0.003 }] });
    expect(chart.name).toContain("Complaints: 0.02% throughout. Gmail blocks from: 0.30%.");
    expect(chart.all("line", " chart-limit ").map((each) => attribute(each, "y1"))).toEqual(["50%", "0%"]);
    expect(chart.table[1]).toEqual(["Sun, 1 Nov 2026", "0.02%"]);
  });
});

describe("a funnel", () => {
  it("says of what each share is one", async () => {
    const steps = [
      { label: "Sent", count: 2_100 },
      { label: "Delivered", count: 2_025 },
      { label: "Opened", count: 812, note: "without 96 that only bots opened" },
      { label: "Clicked", count: 900 },
      { label: "Bought", noun: "buyers", count: 0 },
    ];
    const chart = await draw(FunnelChart({ title: "Autumn", steps }));
    expect(chart.name).toBe(
      "Autumn: Sent 2,100; Delivered 2,025, 96.4% of sent; Opened 812, 38.7% of sent, 40.1% of delivered; " +
        "Clicked 900, 42.9% of sent, more than opened; Bought 0, 0% of sent, 0% of clicked.",
    );
    expect(chart.table).toEqual([
      ["Step", "Count", "Share of sent", "Share of the step before"],
      ["Sent", "2,100", "–", "–"],
      ["Delivered", "2,025", "96.4%", "96.4%"],
      ["Opened (without 96 that only bots opened)", "812", "38.7%", "40.1%"],
      ["Clicked", "900", "42.9%", "more than opened"],
      ["Bought", "0", "0%", "0%"],
    ]);
    expect(chart.all("rect", " funnel-kept ").map((each) => attribute(each, "width"))).toEqual([
      "100%",
      "96.43%",
      "38.67%",
      "42.86%",
      "0%",
    ]);
  });
});

it("a funnel of long names keeps its shares short", async () => {
  const steps = ["S".repeat(200), "Opened"].map((label) => ({ label, count: 1 }));
  const chart = await draw(FunnelChart({ title: "Autumn", steps }));
  expect(chart.all("span", " funnel-shares ").map(textOf)).toEqual(["", `100% of ${"s".repeat(40)}…`]);
});

describe("a bar chart", () => {
  const props = { title: "Clicks by link", labelName: "Link", valueName: "Clicks" };

  it("draws the first bars, the smallest visibly, and has all in its table", async () => {
    const rows = [1_000_000, 500_000, 1, 0].map((value) => ({ label: `/${value}`, value }));
    const chart = await draw(BarChart({ ...props, rows, shown: 3, whole: { count: 2_000_000, noun: "clicks" } }));
    expect(chart.all("rect").map((each) => attribute(each, "width"))).toEqual(["100%", "50%", "0.4%"]);
    expect(chart.name).toBe("Clicks by link, 4 bars. Highest: /1000000 1,000,000 of 2,000,000 clicks.");
    expect(chart.html).toContain("1 more is in the table.");
    expect(chart.table).toEqual([
      ["Link", "Clicks", "Share of 2,000,000 clicks"],
      ["/1000000", "1,000,000", "50.0%"],
      ["/500000", "500,000", "25.0%"],
      ["/1", "1", "<0.01%"],
      ["/0", "0", "0%"],
    ]);
  });

  it("keeps the whole of a long label in its title and its table, in whatever script it is", async () => {
    const labels = ["a".repeat(200), "حملة ".repeat(40).trim(), "秋".repeat(200), "👩‍👩‍👧‍👦".repeat(200), HOSTILE, ""];
    const chart = await draw(BarChart({ ...props, rows: labels.map((label) => ({ label, value: 1 })) }));
    const shown = chart.all("span", " bar-label ");
    expect(shown.map((each) => attribute(each, "title"))).toEqual(labels);
    expect(shown.map(textOf).slice(0, 4)).toEqual([
      `${"a".repeat(120)}…`,
      `${"حملة ".repeat(24).trim()}…`,
      `${"秋".repeat(120)}…`,
      `${"👩‍👩‍👧‍👦".repeat(120)}…`,
    ]);
    expect(chart.table.slice(1).map(([label]) => label)).toEqual([...labels.slice(0, 5), "(no name)"]);
  });

  it("has links that a screen reader reaches", async () => {
    const chart = await draw(
      BarChart({ ...props, rows: [{ label: "gmail.com", value: 3, href: "?domain=gmail.com&x=1" }] }),
    );
    expect(chart.name).toBeUndefined();
    expect(chart.all("div", " bar-body ").map((each) => attribute(each, "role"))).toEqual(["group"]);
    expect(chart.all("a").map((each) => attribute(each, "href"))).toEqual(["?domain=gmail.com&x=1"]);
  });
});

describe("a heat map", () => {
  it("has 168 cells, says which is highest, and has the same in its table", async () => {
    const cells = [
      { weekday: 1, hour: 9, count: 120 },
      { weekday: 7, hour: 23, count: 900 },
      { weekday: 2, hour: 0, count: null },
    ];
    const chart = await draw(HeatMap({ title: "Opens", zone: "Europe/Paris", cells }));
    expect(chart.name).toBe("Opens, hours of Europe/Paris. Highest: 900 (Sunday, 23:00 to 24:00).");
    const plot = chart
      .all("svg", " heat-plot ")
      .flatMap(elementsIn)
      .filter(({ tagName }) => tagName === "rect");
    expect(plot).toHaveLength(168);
    expect([9, 167, 24, 0].map((index) => plot[index] && attribute(plot[index], "class"))).toEqual([
      "heat-1",
      "heat-5",
      "heat-unknown",
      "heat-0",
    ]);
    expect(chart.table[0]).toEqual(["Hour", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    expect(chart.table[1]).toEqual(["00:00", "0", "–", "0", "0", "0", "0", "0"]);
    expect(chart.table[24]).toEqual(["23:00", "0", "0", "0", "0", "0", "0", "900"]);
  });
});

it("a sparkline says what its line does", async () => {
  const chart = await draw(
    Sparkline({ label: "Opens", values: [3, null, 40, 22], names: ["Mon", "Tue", "Wed", "Thu"] }),
  );
  expect(chart.name).toBe("Opens: 3 at first, 22 at last, highest 40 (Wed).");
  expect((await draw(Sparkline({ label: "Opens", values: [null] }))).name).toBe("Opens: no numbers.");
});

const EMPTY = "Nobody has opened an email yet.";
const bars = { labelName: "Link", valueName: "Clicks" };

it.each([
  ["line chart", LineChart({ title: "T", axis: november, series: [{ label: "P", values: [null] }], empty: EMPTY })],
  ["line chart of no time", LineChart({ title: "T", axis: timeAxis("day", []), series: [], empty: EMPTY })],
  ["funnel", FunnelChart({ title: "T", steps: [{ label: "Sent", count: 0 }], empty: EMPTY })],
  ["bar chart", BarChart({ title: "T", ...bars, rows: [], empty: EMPTY })],
  ["heat map", HeatMap({ title: "T", zone: "UTC", cells: [{ weekday: 1, hour: 1, count: 0 }], empty: EMPTY })],
])("an empty %s is a sentence, not an axis", async (_, element) => {
  const chart = await draw(element);
  expect(chart.elements.map(({ tagName }) => tagName)).toEqual(["figure", "figcaption", "p"]);
  expect(chart.all("p").map(textOf)).toEqual([EMPTY]);
});

it("names made to break out of the page stay text, and nothing is styled in line", async () => {
  const charts = await Promise.all([
    lineChart({
      title: HOSTILE,
      series: [
        { label: HOSTILE, values: [1, 2] },
        { label: HOSTILE, values: [3] },
      ],
      limits: [{ label: HOSTILE, value: 1 }],
    }),
    draw(
      FunnelChart({
        title: HOSTILE,
        steps: [
          { label: HOSTILE, count: 2, note: HOSTILE },
          { label: HOSTILE, noun: HOSTILE, count: 1 },
        ],
      }),
    ),
    draw(
      BarChart({
        title: HOSTILE,
        labelName: HOSTILE,
        valueName: HOSTILE,
        rows: [{ label: HOSTILE, value: 1, href: HOSTILE }],
        whole: { count: 1, noun: HOSTILE },
        limits: [{ label: HOSTILE, value: 1 }],
      }),
    ),
    draw(HeatMap({ title: HOSTILE, zone: HOSTILE, cells: [{ weekday: 1, hour: 1, count: 1 }] })),
    draw(Sparkline({ label: HOSTILE, values: [1], names: [HOSTILE] })),
  ]);
  for (const chart of charts) {
    expect(chart.html).toContain("&lt;script&gt;");
    const tags = chart.elements.map(({ tagName }) => tagName);
    expect(tags.filter((tag) => ["script", "b", "style"].includes(tag))).toEqual([]);
    const names = chart.elements.flatMap(({ attrs }) => attrs.map(({ name }) => name));
    expect(names.filter((name) => name === "style" || name.startsWith("on"))).toEqual([]);
  }
});
