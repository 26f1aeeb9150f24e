/** `npx waxseal` for the shell blocks of a page, run in the test's own process: half a second faster each time. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type RunOptions, waxseal } from "../cli/command.ts";

export interface CommandServer {
  /**
   * Takes arguments, each ended by a NUL. Answers 200 with the standard output of the command, or 500 with its exit
   * code and standard error.
   */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startCommandServer(options: RunOptions): Promise<CommandServer> {
  const server = createServer(async (request, response) => {
    const args = (await buffer(request)).toString().split("\0").slice(0, -1);
    const { code, stdout, stderr } = await waxseal(args, options);
    response.writeHead(code === 0 ? 200 : 500).end(Buffer.from(code === 0 ? stdout : stderr, "latin1"));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
