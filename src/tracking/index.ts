/** Open pixels and click redirects. */
export { click } from "./click.ts";
export { open } from "./open.ts";
