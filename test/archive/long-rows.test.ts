/** Archived events with long links are read like others, however many characters a page of them has. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { readFeedPage } from "../../src/feed/index.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { aggregate } from "../privacy/people-world.ts";
import { archiveAll } from "./whole-log.ts";

const LINK = `https://shop.example/?${"a".repeat(8_000)}`;

beforeAll(async () => {
  await emptyLog();
  await logRows(...Array.from({ length: 601 }, (_, index) => ({ type: 11, link_id: `l${index}`, link: LINK })));
  await aggregate();
  await archiveAll(1_000);
});

it("by the feed", async () => {
  const ids: string[] = [];
  for (let after = 0, isAtEnd = false; !isAtEnd; ) {
    const page = await readFeedPage(env, { after, limit: 1_000 }, { bots: "include" });
    ids.push(...page.rows.map(({ id }) => id));
    isAtEnd = page.next >= page.end;
    after = page.next;
  }
  expect(new Set(ids).size).toBe(601);
});
