/** What workerd holds after a thousand clicks and after a million: a leak would show as growth that does not stop. */
import type { Bench } from "./bench.ts";
import { residentBytes } from "./cpu.ts";
import { clickPaths } from "./mailing.ts";
import { withServer } from "./server.ts";

const CONNECTIONS = 64;
const PERSONS = 20_000;
/** The queue of this machine lives in workerd's memory: each step ends with it drained. */
const STEPS = [1_000, ...Array.from({ length: 20 }, (_, step) => (step + 1) * 50_000)];
/** Growth over the second half of the way, which a leak of 20 bytes a click would pass. */
const MOST_GROWTH = 1.1;

export const memory: Bench = {
  name: "memory",
  about: "memory of workerd after a million clicks",
  run: (say) =>
    withServer({}, async ({ worker, load, settled }) => {
      const paths = clickPaths(worker.tokenKeys, PERSONS);
      const held = new Map<number, number>();
      let clicked = 0;
      for (const step of STEPS) {
        const requests = step - clicked;
        await load.run(worker.origin, { paths, connections: CONNECTIONS, requests, from: clicked });
        clicked = step;
        await settled(clicked);
        held.set(step, (await residentBytes(worker.workerdPid)) / 1e6);
        say(`${clicked.toLocaleString("en")} clicks: ${held.get(step)?.toFixed(0)} MB`);
      }
      const after = (clicks: number) => held.get(clicks) ?? Number.NaN;
      return [
        { name: "memory after a thousand clicks", value: after(1_000), unit: "MB" },
        {
          name: "memory after a million clicks",
          value: after(1_000_000),
          unit: "MB",
          control: after(500_000),
          ratio: after(1_000_000) / after(500_000),
          goal: { atMost: MOST_GROWTH },
        },
      ];
    }),
};
