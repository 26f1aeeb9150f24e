/** How long a stranger takes from an empty folder to an opened mail in the log, when reading takes no time. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalRegistry } from "../package/local-registry.ts";
import { packPackage } from "../package/pack.ts";
import { startQuickStart } from "../package/quick-start.ts";
import type { Bench } from "./bench.ts";

const MOST_COMMANDS = 6;
const MOST_S = 120;

export const firstMail: Bench = {
  name: "first-mail",
  about: "docs/quick-start.md with the packed file, its packages from a registry on this machine",
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), "waxseal-first-mail-"));
    const registry = await startLocalRegistry();
    try {
      say("packing");
      const started = await startQuickStart(await packPackage(folder), registry.url);
      try {
        say(`running ${started.commands.length} commands`);
        const { code, stdout, stderr, tookMs } = await started.ended;
        if (code !== 0) throw new Error(`the commands ended with ${code}:\n${stdout}${stderr}`);
        return [
          { name: "commands", value: started.commands.length, unit: "", goal: { atMost: MOST_COMMANDS } },
          { name: "npm init to the open in the feed", value: tookMs / 1_000, unit: "s", goal: { atMost: MOST_S } },
        ];
      } finally {
        await started.stop();
      }
    } finally {
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
