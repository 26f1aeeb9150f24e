/** The real Worker, which fills a log on request and moves it into the archive, a segment or a day at a time. */
import { ROWS_PER_SEGMENT, writeSegment } from "../../../src/archive/write.ts";
import reading, { timed } from "./reading.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

interface Order {
  /** Of what was recorded before that time … */
  readonly beforeMs: number;
  /** … at most so many segments … */
  readonly most: number;
  /** … of so many events. */
  readonly size: number;
}

async function archive(env: Env, { beforeMs, most, size }: Order) {
  const { ms, value } = await timed(async () => {
    const written = { segments: 0, rows: 0, bytes: 0 };
    while (written.segments < most) {
      const segment = await writeSegment(env, beforeMs, size);
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
    const number = (name: string, otherwise: number) => Number(searchParams.get(name) ?? otherwise);
    const order = {
      beforeMs: number("before", Date.now()),
      most: number("segments", Number.MAX_SAFE_INTEGER),
      size: number("size", ROWS_PER_SEGMENT),
    };
    return Response.json(await archive(env, order));
  },
  queue: reading.queue,
} satisfies ExportedHandler<Env>;
