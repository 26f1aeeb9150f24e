/** `npm run demo [-- file]`: see `runDemo`. Ctrl-C ends it at any time and leaves nothing behind. */
import { runDemo } from "./demo.ts";

// While the Worker runs, miniflare ends this process on a signal and takes workerd along. Before and behind that,
// what is
// being started or stopped is let finish.
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
  });
}

process.exitCode = await runDemo(process.argv.slice(2), { isInterrupted: () => isInterrupted });
