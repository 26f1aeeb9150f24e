/** Lists of pages that are kept elsewhere have every page of the dashboard. */
import { expect, it } from "vitest";
import { PAGES } from "../../src/dashboard/pages.ts";
import { tryIt } from "../../src/dashboard/try-it.tsx";
import { pagesOf } from "../bench/dashboard-pages.ts";
import { pathsOf } from "../browser/page-paths.ts";

const MEASURED = pagesOf({ endpoint: "e", erasure: "r", message: "m" }).map(({ page }) => page);
const WALKED = pathsOf({ endpoint: "e", erasure: "r", message: "m", messageIds: "1/2/3", person: "p" });

/** The path of a page has parameters: "/emails/:email". */
const isOf = (path: string, address: string) =>
  new RegExp(`^/app${path.replaceAll(/:\w+/g, "[^/]+")}$`).test(address.split("?")[0] ?? "");

it.each([
  ["measured by the bench", MEASURED],
  ["walked through by a browser", WALKED],
])("every page of the dashboard is %s", (_name, addresses) => {
  const forgotten = [...PAGES, tryIt].filter(({ path }) => !addresses.some((address) => isOf(path, address)));
  expect(forgotten.map(({ path }) => path)).toEqual([]);
});
