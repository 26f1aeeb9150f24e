/** `waxseal keys`: makes, rotates and lists the secrets of a Worker. Prints a secret on standard output, advice beside it. */

import Table from "cli-table3";
import { type Command, InvalidArgumentError } from "commander";
import { makeTokenKey, rotateTokenKeys } from "../token/keys.ts";
import { makeApiKey } from "./api-key.ts";
import { CommandError, wordsOf } from "./command-error.ts";
import { replaceDevVar } from "./dev-vars.ts";
import { DEV_VARS, findTokenKeys } from "./settings.ts";

const PUT_TOKEN_KEYS = "npx wrangler secret put TOKEN_KEYS";
const PUT_API_KEYS = "npx wrangler secret put API_KEYS";

export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("make and rotate the secrets of a Worker");
  keys
    .command("new")
    .description("make the first token key")
    .option("--id <number>", "its id, 1 to 255", keyId, 1)
    .option("--development", "mark it: a production Worker refuses it", false)
    .action(({ id, development }: { id: number; development: boolean }) => {
      console.log(makeTokenKey({ id, development }));
      advise(
        `Set it with "${PUT_TOKEN_KEYS}" and keep a copy: without it no link that it sealed opens again.`,
      );
    });
  keys
    .command("rotate")
    .description("put a new token key in front: it seals from now on, the others still open")
    .option("--keys <keys>", "the present TOKEN_KEYS (default: of the environment or .dev.vars)")
    .option("--write", "write the new value into .dev.vars", false)
    .action(rotate);
  keys
    .command("list")
    .description("show the ids of the token keys, not the secrets")
    .option("--keys <keys>", "TOKEN_KEYS (default: of the environment or .dev.vars)")
    .action(async ({ keys: given }: { keys?: string }) => {
      const { keys: found } = await findTokenKeys(given);
      const table = new Table({ head: ["id", "made for", "does"], style: { head: [], border: [] } });
      for (const [index, { id, development }] of found.all.entries())
        table.push([
          id,
          development ? "development" : "production",
          index === 0 ? "seals and opens" : "opens",
        ]);
      console.log(table.toString());
    });
  keys
    .command("api")
    .description("make an API key for /v1")
    .option("--development", "mark it: a production Worker refuses it", false)
    .action(({ development }: { development: boolean }) => {
      console.log(makeApiKey({ development }));
      advise(`Set it with "${PUT_API_KEYS}"; several are separated by commas.`);
    });
}

async function rotate({ keys: given, write }: { keys?: string; write: boolean }): Promise<void> {
  const { value, keys } = await findTokenKeys(given);
  const development = keys.all[0].development;
  const rotated = attempt(() => rotateTokenKeys(value, { development }));
  if (write) {
    await replaceDevVar(DEV_VARS, "TOKEN_KEYS", rotated);
    advise(`Wrote the new TOKEN_KEYS into ${DEV_VARS}; a running "npm run dev" takes it over.`);
    return;
  }
  console.log(rotated);
  advise(
    `Set the whole line with "${PUT_TOKEN_KEYS}". Keep every old key for as long as mails that it sealed may be opened.`,
  );
}

function attempt(rotating: () => string): string {
  try {
    return rotating();
  } catch (error) {
    throw new CommandError(`The keys cannot be rotated: ${wordsOf(error)}.`, {
      next: "Take out keys of forgotten mails.",
    });
  }
}

function keyId(text: string): number {
  const id = Number(text);
  if (Number.isInteger(id) && id >= 1 && id <= 255) return id;
  throw new InvalidArgumentError("It is a whole number from 1 to 255.");
}

function advise(sentence: string): void {
  console.error(sentence);
}
