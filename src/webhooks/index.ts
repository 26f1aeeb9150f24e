/** Events out to the sender's endpoints. */
export { wakeEndpoints } from "./wake.ts";
