/**
 * A registry on this machine that has the packages of the checkout's node_modules and no other, so that `npm install`
 * of the packed file needs no network and finds what package-lock.json names. Answers what npm asks for: a package's
 * document and its file.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { projectRoot } from "../../src/dev/project.ts";

export interface LocalRegistry {
  readonly url: string;
  stop(): Promise<void>;
}

const jsonFile = (...path: readonly string[]) => JSON.parse(readFileSync(join(projectRoot, ...path), "utf8"));

/** @param without packages that it does not have */
export async function startLocalRegistry({ without = [] as readonly string[] } = {}): Promise<LocalRegistry> {
  // Those of other platforms are in the lock file only; to npm they are optional.
  const folders: readonly string[] = Object.keys(jsonFile("package-lock.json").packages).filter((folder) =>
    existsSync(join(projectRoot, folder, "package.json")),
  );
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    if (path.endsWith(".tgz") && folders.includes(path.slice(0, -".tgz".length))) {
      const folder = join(projectRoot, path.slice(0, -".tgz".length));
      // Not compressed, which npm takes as well: wrangler's runtime alone would take five seconds.
      spawn("tar", ["-cf", "-", "-C", dirname(folder), basename(folder)]).stdout.pipe(response);
      return;
    }
    const known = without.includes(path) ? [] : folders;
    const versions = known.filter((folder) => folder.endsWith(`node_modules/${path}`)).map(versionAt);
    response.writeHead(versions.length === 0 ? 404 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(documentOf(path, versions)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;

  function versionAt(folder: string) {
    const manifest = jsonFile(folder, "package.json");
    return { ...manifest, scripts: {}, dist: { tarball: `${url}${folder}.tgz` } };
  }

  async function stop(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  return { url, stop };
}

function documentOf(name: string, versions: readonly { readonly version: string }[]): object {
  const byVersion = Object.fromEntries(versions.map((each) => [each.version, each]));
  return { name, "dist-tags": { latest: versions[0]?.version }, versions: byVersion };
}
