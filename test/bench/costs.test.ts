/** docs/costs.md has the prices of what was counted, and the pages have the sizes. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { UNIT } from "./cost.ts";
import { dollarsOf, USED, usageOf } from "./prices.ts";
import { MEASURED, WITH_UUIDS } from "./scale-measured.ts";
import { planOf } from "./scale-plan.ts";

const D1_BYTES = 10e9;
const INCLUDED_ROWS = 50e6;
const pageOf = async (path: string) => (await readFile(join(projectRoot, path), "utf8")).replaceAll(/[ \n]+/g, " ");
const numberOf = (cell: string) => Number(cell.replaceAll(/[*,]/g, ""));

/** The rows of a table with dollars, cell by cell. */
async function tables(): Promise<readonly (readonly (readonly string[])[])[]> {
  const text = await readFile(join(projectRoot, "docs/costs.md"), "utf8");
  return [...text.matchAll(/(?:^\|.*\|\n)+/gm)]
    .filter(([table]) => table.includes("**dollars**"))
    .map(([table]) =>
      table
        .trimEnd()
        .split("\n")
        .map((row) => row.slice(2, -2).split(" | ")),
    );
}

/** Of an event in D1, with its share of its message's statistics. */
const bytesOf = ({ hotBytes, statsBytes }: typeof WITH_UUIDS) => hotBytes + MEASURED.messagesPerEvent * statsBytes;
/** Two digits. */
const short = (value: number) => Number(value.toPrecision(2));

describe("docs/costs.md", () => {
  it("has the dollars that the counts of each column cost", async () => {
    const found = await tables();
    expect(found).toHaveLength(2);
    for (const rows of found) {
      const [titles = []] = rows;
      for (const [column, title] of titles.entries()) {
        if (column === 0) continue;
        const cellOf = (name: string) => numberOf(rows.find(([unit]) => unit === name)?.[column] ?? "0");
        const usage = usageOf((name) => cellOf(UNIT[name]));
        expect(cellOf("**dollars**"), title).toBeCloseTo(dollarsOf(usage), 2);
      }
    }
  });

  it("names what is counted as the bench does", async () => {
    const units = USED.map((name) => UNIT[name]);
    for (const rows of await tables()) for (const [name] of rows.slice(2, -1)) expect(units).toContain(name);
  });

  it("has the price of a million emails, as README.md does, and the share of the plan", async () => {
    const { dollars, events } = planOf(1e6 / MEASURED.messagesPerEvent, MEASURED);
    const page = await pageOf("docs/costs.md");
    expect(page).toContain(`cost $${short(dollars.operations)} of operations`);
    expect(page).toContain(`storage is $${short(dollars.storage).toFixed(2)} a month after a year`);
    expect(await pageOf("README.md")).toContain(`all that happens to them cost about $${short(dollars.operations)}`);
    const rows = (MEASURED.recorded.d1RowsWritten + MEASURED.archived.d1RowsWritten) * events;
    const ofCopies = numberOf((await tables())[1]?.find(([unit]) => unit === UNIT.d1RowsWritten)?.[1] ?? "");
    expect(Math.floor(INCLUDED_ROWS / (rows + ofCopies))).toBe(3);
  });

  it("has the bytes of an event", async () => {
    const [integers, uuids] = [short(bytesOf(MEASURED)), short(bytesOf(WITH_UUIDS))];
    expect(await pageOf("docs/costs.md")).toContain(`${integers} bytes an event with integer ids, ${uuids} with UUIDs`);
  });
});

describe.each(["docs/archive.md", "docs/design/archive.md"])("%s", (path) => {
  it("says how long a hundred million events a month take to fill D1", async () => {
    const days = (D1_BYTES / bytesOf(MEASURED) / 1e8) * 30;
    expect(await pageOf(path)).toMatch(
      new RegExp(`a hundred million events a month fill (?:it )?in ${Math.round(days)} days`, "i"),
    );
  });
});
