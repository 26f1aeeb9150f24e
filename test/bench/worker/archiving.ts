/** The real Worker, which fills a log on request and moves it into the archive, a segment or a day at a time. */
import { writeSegment } from "../../../src/archive/write.ts";
import reading, { timed } from "./reading.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

/** Writes segments of what was recorded before a time, at most so many. */
async function archive(env: Env, beforeMs: number, most: number) {
  const { ms, value } = await timed(async () => {
    const written = { segments: 0, rows: 0, bytes: 0 };
    while (written.segments < most) {
      const segment = await writeSegment(env, beforeMs);
      if (segment === undefined) break;
      if (segment === false) throw new Error("the log has changed");
      written.segments++;
      written.rows += segment.rows;
      written.bytes += segment.bytes;
    }
    return written;
  });
  return { ms, ...value };
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/archive") return await reading.fetch(request, env, context);
    const most = Number(searchParams.get("segments") ?? Number.MAX_SAFE_INTEGER);
    return Response.json(await archive(env, Number(searchParams.get("before")), most));
  },
  queue: reading.queue,
} satisfies ExportedHandler<Env>;
