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

/** Bytes that can be reached, behind a garbage collection. `url` is that of the inspector (Chrome DevTools Protocol). */
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
