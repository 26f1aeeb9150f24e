/** Values that an isolate makes once for each environment, and keeps between requests. */

/** `make`, called at the first call for each environment; later calls return the same value. */
export function perEnv<Environment extends object, Value extends object>(
  make: (env: Environment) => Value,
): (env: Environment) => Value {
  const values = new WeakMap<Environment, Value>();
  return (env) => {
    const known = values.get(env);
    if (known !== undefined) return known;
    const made = make(env);
    values.set(env, made);
    return made;
  };
}
