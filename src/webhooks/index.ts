/** Events out to the sender's endpoints. */
export { checkEndpoints } from "./health.ts";
export { wakeEndpoints } from "./wake.ts";
