/** `waxseal deploy`: the Worker on Cloudflare, the first time and each time after it. */
import { type Command, Option } from "commander";
import { JURISDICTIONS } from "./deploy/answers.ts";
import { type DeployOptions, deploy } from "./deploy/deploy.ts";

export function addDeployCommand(program: Command): void {
  program
    .command("deploy")
    .description("put Waxseal on Cloudflare, or a new version of it: asks what it needs, and makes what is missing")
    .option("--folder <path>", "where its waxseal.json is kept (default: the current one)")
    .option("--name <name>", "the Worker's name; its database, queues and buckets are named after it (default: asks)")
    .option("--sender <name>", "your name, as recipients see it (default: asks)")
    .option("--domain <host>", "the host of links, in a zone on Cloudflare; empty: workers.dev (default: asks)")
    .addOption(new Option("--jurisdiction <where>", "keep all data there").choices(JURISDICTIONS))
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--take-domain", "take a domain that has DNS records, which are replaced, or is another Worker's")
    .option("--remove-domain <host>", "take a former domain away: links in sent emails that lead there end")
    .option("--adopt", "take over a Worker, a database, buckets and queues of that name that were there before")
    .action((options: DeployOptions) => deploy(options));
}
