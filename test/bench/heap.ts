/** What a Worker's heap holds alive, by its inspector. */
import * as v from "valibot";

const Snapshot = v.object({
  snapshot: v.object({ meta: v.object({ node_fields: v.array(v.string()) }) }),
  nodes: v.array(v.number()),
});
const Said = v.union([
  v.object({
    method: v.literal("HeapProfiler.addHeapSnapshotChunk"),
    params: v.object({ chunk: v.string() }),
  }),
  v.object({ id: v.literal(1) }),
]);

const DEADLINE_MS = 60_000;

/** The reachable bytes after a garbage collection. `url` is that of the inspector (Chrome DevTools Protocol). */
export async function liveHeapBytes(url: string): Promise<number> {
  const socket = new WebSocket(url);
  const text = await new Promise<string>((resolve, reject) => {
    let text = "";
    socket.addEventListener("open", () =>
      socket.send(JSON.stringify({ id: 1, method: "HeapProfiler.takeHeapSnapshot" })),
    );
    socket.addEventListener("message", ({ data }) => {
      const said = v.safeParse(Said, JSON.parse(String(data)));
      if (!said.success) return;
      if ("id" in said.output) resolve(text);
      else text += said.output.params.chunk;
    });
    socket.addEventListener("error", () => reject(new Error(`no inspector at ${url}`)));
    setTimeout(() => reject(new Error("no heap snapshot within a minute")), DEADLINE_MS).unref();
  }).finally(() => socket.close());
  const { snapshot, nodes } = v.parse(Snapshot, JSON.parse(text));
  const fields = snapshot.meta.node_fields;
  const size = fields.indexOf("self_size");
  let bytes = 0;
  for (let at = size; at < nodes.length; at += fields.length) bytes += nodes[at] ?? 0;
  return bytes;
}

const Usage = v.object({
  result: v.object({
    usedSize: v.number(),
    embedderHeapUsedSize: v.optional(v.number(), 0),
    backingStorageSize: v.optional(v.number(), 0),
  }),
});

const WATCH_MS = 50;

/** Reads a Worker's memory 20 times a second, garbage and buffers included; `stop` answers the maximum, in bytes. */
export function watchHeap(url: string): { stop(): Promise<number> } {
  const socket = new WebSocket(url);
  let most = 0;
  let asked = 0;
  socket.addEventListener("message", ({ data }) => {
    const usage = v.safeParse(Usage, JSON.parse(String(data)));
    if (!usage.success) return;
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = usage.output.result;
    most = Math.max(most, usedSize + embedderHeapUsedSize + backingStorageSize);
  });
  const timer = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ id: ++asked, method: "Runtime.getHeapUsage" }));
  }, WATCH_MS);
  return {
    async stop() {
      clearInterval(timer);
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.close();
      await closed;
      if (most === 0) throw new Error(`the inspector at ${url} reported nothing of the heap`);
      return most;
    },
  };
}
