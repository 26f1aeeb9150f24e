/**
 * 503 of a Worker that is not set up.
 * @param problems a sentence for each setting that is missing or wrong
 */
export function notSetUp(problems: readonly string[]): Response {
  const lines = [
    "This Waxseal Worker refuses to serve until it is set up:",
    ...problems.map((problem) => `- ${problem}`),
  ];
  return new Response(`${lines.join("\n")}\n`, { status: 503, headers: { "Cache-Control": "no-store" } });
}
