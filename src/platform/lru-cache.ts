/** LRU caches of the results of functions. */
import QuickLRU from "quick-lru";

/** `compute`, with its latest `maxSize` to 2 × `maxSize` results in an LRU cache, by its argument. */
export function cachedByText<Value>(maxSize: number, compute: (text: string) => Value): (text: string) => Value {
  // A value may be undefined, so each is wrapped in an object.
  const cache = new QuickLRU<string, { readonly value: Value }>({ maxSize });
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known.value;
    const value = compute(text);
    cache.set(text, { value });
    return value;
  };
}
