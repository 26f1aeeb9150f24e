/**
 * Makes `user-agents.json` from the packages crawler-user-agents and user-agents. After an update of theirs, make it
 * again:
 *
 *     npx node -e 'import("./test/bots/make-user-agents.ts")
 *       .then(async (m) => console.log(JSON.stringify(await m.makeUserAgents(), null, 2)))' > user-agents.json
 *     mv user-agents.json test/bots/
 *     npm run format
 *
 * `mail-programs.json` was collected by hand from the lists that it names.
 */
import crawlers from "crawler-user-agents";
import { withoutName } from "./user-agents.ts";

const BROWSERS = "../../node_modules/user-agents/dist/user-agents.json";

/** The whole of `user-agents.json`. */
export async function makeUserAgents() {
  const { default: seen } = (await import(BROWSERS, { with: { type: "json" } })) as {
    readonly default: readonly { readonly userAgent: string }[];
  };
  const browsers = sorted(seen.map(({ userAgent }) => userAgent));
  const instances = sorted(crawlers.flatMap((crawler) => crawler.instances));
  const unnamed = new Set(withoutName(instances, browsers));
  return {
    crawlers: {
      source: "crawler-user-agents, instances, but for those without a name",
      licence: "MIT, © 2017 Martin Monperrus",
      userAgents: instances.filter((userAgent) => !unnamed.has(userAgent)),
    },
    browsers: {
      source: "user-agents: what browsers in use sent, weighted by their traffic",
      licence: "BSD-2-Clause, © 2018-present Intoli, LLC",
      userAgents: browsers,
    },
  };
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
