/**
 * The memory of workerd after a thousand clicks and after a million, with the emulated D1 and queue, and the part
 * that the Worker keeps alive. A leak shows in that part; the rest shows how rarely the garbage collectors had to
 * run.
 */
import type { Bench } from "./bench.ts";
import { residentBytes } from "./cpu.ts";
import { liveHeapBytes } from "./heap.ts";
import { clickPaths } from "./mailing.ts";
import { withServer } from "./server.ts";

const CONNECTIONS = 64;
const PERSONS = 20_000;
const FIRST = 1_000;
const LAST = 1_000_000;
/** The queue of this machine lives in workerd's memory: each step ends with it drained. */
const STEP = 50_000;
/** A leak of one byte a click would grow the Worker's live heap, some 5 MB, by a fifth. */
const MOST_GROWTH = 1.1;

export const memory: Bench = {
  name: "memory",
  about: "memory of workerd, and the Worker's live heap, after a thousand clicks and after a million",
  run: (say) =>
    withServer({ inspected: true }, async ({ worker, load, settled }) => {
      const paths = clickPaths(worker.tokenKeys, PERSONS);
      let clicked = 0;
      const clickUntil = async (end: number) => {
        while (clicked < end) {
          const requests = Math.min(STEP, end - clicked);
          await load.run(worker.origin, { paths, connections: CONNECTIONS, requests, from: clicked });
          clicked += requests;
          await settled(clicked);
          say(`${clicked.toLocaleString("en")} clicks`);
        }
        const resident = (await residentBytes(worker.workerdPid)) / 1e6;
        return { resident, live: (await liveHeapBytes(worker.inspectorUrl ?? "")) / 1e6 };
      };
      const first = await clickUntil(FIRST);
      const last = await clickUntil(LAST);
      return [
        { name: "memory of workerd after a thousand clicks", value: first.resident, unit: "MB" },
        {
          name: "memory of workerd after a million clicks",
          value: last.resident,
          unit: "MB",
        },
        {
          name: "the Worker's live heap after a million clicks",
          value: last.live,
          unit: "MB",
          control: first.live,
          ratio: last.live / first.live,
          goal: { atMost: MOST_GROWTH },
        },
      ];
    }),
};
