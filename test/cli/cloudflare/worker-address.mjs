/** Preloaded into a program that calls the Worker on workers.dev: its calls go to WORKER, on this machine. */
const { fetch } = globalThis;

globalThis.fetch = async (input, init) => {
  const { hostname, pathname } = new URL(input instanceof Request ? input.url : input);
  return await fetch(hostname.endsWith(".workers.dev") ? process.env.WORKER + pathname : input, init);
};
