/**
 * What the Worker does not need of Hono, 1 KB of its bundle; this stands there instead: `mount` of an
 * app and `parseBody` of a request. Who calls them is told so.
 */
const leftOut = (): never => {
  throw new Error("src/cli/bundle.ts leaves this part of Hono out of the bundle");
};

export const createMountedRequest = leftOut;
export const parseBody = leftOut;
