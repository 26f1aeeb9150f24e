/** Tables that texts from outside are looked up in. */

/** What a table has under a name: nothing under "constructor" and the like, which every object inherits. */
export function ownValue<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
