/** Events out to the sender's endpoints. */
export { checkEndpoints } from "./status.ts";
export { wakeEndpoints } from "./wake.ts";
