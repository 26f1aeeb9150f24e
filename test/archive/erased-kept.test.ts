/** An erasure takes out of the archive what D1 has no more. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { openFile } from "../../src/archive/parquet.ts";
import { decodeRows } from "../../src/archive/segment-file.ts";
import { newSend, reportOutcomes } from "../outcomes.ts";
import { aggregate, erase } from "../privacy/people-world.ts";
import { archiveAll, rewriteAll, withoutArchive } from "./whole-log.ts";

async function archivedText(): Promise<string> {
  const { objects } = await env.ARCHIVE.list();
  const texts = objects.map(async ({ key }) => {
    const bytes = await (await env.ARCHIVE.get(key))?.arrayBuffer();
    return bytes === undefined ? "" : JSON.stringify(await decodeRows(openFile(bytes), 0, Number.MAX_SAFE_INTEGER));
  });
  return (await Promise.all(texts)).join("\n");
}

it("an erasure finds a bounce that has got another seq since it was archived", async () => {
  await withoutArchive();
  const send = newSend();
  const bounce = { type: "soft_bounced", category: 3, details: "452 full", at: "2026-11-02T10:00:00Z" };
  await reportOutcomes(send, bounce);
  await reportOutcomes(newSend(), { type: "sent" });
  await aggregate();
  await archiveAll(1);
  expect(await archivedText()).toContain(send.person);
  // As what is reported again with another time is written.
  await env.DB.prepare(
    `REPLACE INTO events SELECT NULL, id, type, at, recorded_at, email, person, campaign, send, link_id, link,
user_agent, is_bot, bot_pattern, detail FROM events WHERE person = ?1 AND type = 27`,
  )
    .bind(send.person)
    .run();
  await aggregate();
  await erase({ person: send.person });
  await rewriteAll();
  expect(await archivedText()).not.toContain(send.person);
});
