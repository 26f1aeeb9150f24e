/** Everything in assets/ that programs make. Prepared again, it is left as it is: `wrangler dev` watches it. */
import { prepareApiDocument } from "./api-document.ts";
import { prepareDashboardFiles } from "./dashboard-files.ts";
import { prepareDocsPage } from "./docs-page.ts";

export async function prepareAssets(): Promise<void> {
  await Promise.all([prepareApiDocument(), prepareDocsPage(), prepareDashboardFiles()]);
}
