/** `npm run demo [-- file]`: see `runDemo`. Ctrl-C ends it at any time and leaves nothing behind. */
import { runDemo } from "./demo.ts";

// While the Worker runs, miniflare ends this process on a signal, and workerd with it. Before and after that, a signal
// only sets this flag, so that what is being started or stopped can finish.
let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
  });
}

process.exitCode = await runDemo(process.argv.slice(2), { isInterrupted: () => isInterrupted });
