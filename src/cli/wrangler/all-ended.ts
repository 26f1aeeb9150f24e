/**
 * What all promises give, when all have ended: with `Promise.all` a failure leaves the others running behind the
 * command's back.
 * @throws the reason of the first one that failed
 */
export async function allEnded<const Promises extends readonly Promise<unknown>[]>(
  promises: Promises,
): Promise<{ readonly [Index in keyof Promises]: Awaited<Promises[Index]> }> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}
