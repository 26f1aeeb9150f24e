/** A limiter as the platform's, for ever in the same period. */
export function limiter(limit: number): RateLimit {
  const calls = new Map<string, number>();
  return {
    limit: async ({ key }) => {
      calls.set(key, (calls.get(key) ?? 0) + 1);
      return { success: (calls.get(key) ?? 0) <= limit };
    },
  };
}
