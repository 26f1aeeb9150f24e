/** Numbers that look random and are the same each time: a history that does not change from start to start. */

/** Numbers from 0 up to 1, by a linear congruential generator (the constants of Numerical Recipes). */
export function repeatableRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
