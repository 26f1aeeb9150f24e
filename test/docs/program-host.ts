/**
 * Runs programs that its parent sends it, one after the other, each as a module of its own: the packages that they use
 * are loaded once. A program finds packages as those in the folder do that this process was started in. What a program
 * prints or rejects once it has run to its end is put down to the next one.
 */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Asked {
  readonly source: string;
}

export interface Answered {
  /** What it wrote to standard output. */
  readonly printed: string;
  /** What it threw; missing: nothing. */
  readonly error?: string;
}

const sources = new Map<string, string>();

registerHooks({
  resolve: (specifier, context, next) =>
    sources.has(specifier) ? { url: specifier, shortCircuit: true } : next(specifier, context),
  load(url, context, next) {
    const source = sources.get(url);
    return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
  },
});

let printed = "";
process.stdout.write = (chunk: string | Uint8Array, ...others: readonly unknown[]) => {
  printed += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
  const written = others.at(-1);
  if (typeof written === "function") written();
  return true;
};

process.on("message", ({ source }: Asked) => {
  const url = pathToFileURL(join(process.cwd(), `program-${sources.size}.mjs`)).href;
  sources.set(url, source);
  const answer = (error?: string) => {
    process.send?.({ printed, ...(error === undefined ? {} : { error }) } satisfies Answered);
    printed = "";
  };
  import(url).then(
    () => answer(),
    (error: unknown) => answer(error instanceof Error ? error.stack : String(error)),
  );
});
