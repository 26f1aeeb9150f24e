/** What a Worker that is not set up answers: 503, what is missing and what to do. */

export function notSetUp(faults: readonly string[]): Response {
  const words = [
    "This Waxseal Worker refuses to serve until it is set up:",
    ...faults.map((fault) => `- ${fault}`),
  ];
  return new Response(`${words.join("\n")}\n`, { status: 503, headers: { "Cache-Control": "no-store" } });
}
