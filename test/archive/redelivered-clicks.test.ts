/** Clicks that the queue delivers again days later, when they have been archived. */
import { beforeEach, expect, it } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { clickGroupOf, groupOf, type RowGroup } from "../../src/ingest/row-group.ts";
import { deliver } from "../ingest/deliver.ts";
import { aggregate, emptyAll, erase } from "../privacy/people-world.ts";
import { archiveAll, rewriteAll, wholeLog, withoutArchive } from "./whole-log.ts";

beforeEach(async () => {
  await withoutArchive();
  await emptyAll();
});

const DAY_MS = 86_400_000;
/** More than the first clicks on a link, which stay in D1. */
const PEOPLE = Array.from({ length: 12 }, (_, index) => `person${index}`);

/** A group of clicks on one link, four days ago. */
function clicks(people: readonly string[]): RowGroup {
  const link = { id: "l", url: "https://shop.example/" };
  const rows = people.map((person) =>
    rowOf({
      type: "clicked",
      id: "",
      atMs: Date.now() - 4 * DAY_MS,
      message: { email: "7", person, campaign: "42" },
      link,
      visitor: { userAgent: "x" },
    }),
  );
  return clickGroupOf(rows, crypto.randomUUID());
}

const people = async () =>
  (await wholeLog<{ person: string }>("SELECT person FROM events ORDER BY seq")).map(({ person }) => person);

/** Archives these clicks: the last event of the log stays. */
async function archived(groups: readonly RowGroup[]): Promise<void> {
  await deliver(groups.map(bodyOf));
  await deliver([bodyOf(clicks(["last"]))]);
  await aggregate();
  expect(await archiveAll(7)).toBeGreaterThan(0);
}

it("are in the log once", async () => {
  const groups = [clicks(PEOPLE.slice(0, 5)), clicks(PEOPLE.slice(5))];
  await archived(groups);
  await deliver(groups.map(bodyOf));
  await deliver([bodyOf(clicks(["new"])), ...groups.map(bodyOf)]);
  expect(await people()).toEqual([...PEOPLE, "last", "new"]);
});

it("bring back nobody who was erased meanwhile", async () => {
  const [first = "", second = ""] = PEOPLE;
  const groups = [clicks(PEOPLE)];
  await archived(groups);
  await erase({ person: first });
  await erase({ person: second });
  await rewriteAll();
  await deliver(groups.map(bodyOf));
  const left = await people();
  expect(left).toHaveLength(PEOPLE.length + 1);
  expect(left).not.toContain(first);
  expect(left).not.toContain(second);
});

it("are in the log once, also when each is unique by its own id", async () => {
  const rows = ["click1", "click2"].map((id) =>
    rowOf({
      type: "clicked",
      id,
      atMs: Date.now() - 4 * DAY_MS,
      message: { email: "7", person: "ann", campaign: "42" },
      link: { id: "l", url: "https://shop.example/" },
      visitor: { userAgent: "x" },
    }),
  );
  const group = bodyOf(groupOf(rows));
  await deliver([group]);
  await archived([]);
  await deliver([group]);
  expect(await people()).toEqual(["ann", "ann", "last"]);
});
