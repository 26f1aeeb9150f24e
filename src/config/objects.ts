/**
 * Durable Objects by their names. Guarantees that each is where JURISDICTION says: every file of the Worker reaches its
 * objects through `objectNamed`. The same name is another object in another jurisdiction, so that a Worker which is
 * given one later begins with empty objects.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/data-location/
 */
import { OBJECT_JURISDICTIONS } from "./variables.ts";

type Jurisdiction = Exclude<(typeof OBJECT_JURISDICTIONS)[number], "">;

/**
 * @param where without JURISDICTION the object is wherever its first caller is
 * @throws {Error} for a JURISDICTION that there is none of: an object elsewhere would be no substitute
 */
export function objectNamed<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  { JURISDICTION: jurisdiction }: Pick<Env, "JURISDICTION">,
): DurableObjectStub<T> {
  // workerd on a developer's machine has no jurisdictions, and throws for any.
  if (jurisdiction === undefined || jurisdiction === "") return namespace.getByName(name);
  if (!isJurisdiction(jurisdiction)) throw new Error("JURISDICTION is wrong: no object is reached");
  return namespace.jurisdiction(jurisdiction).getByName(name);
}

function isJurisdiction(text: string): text is Jurisdiction {
  return OBJECT_JURISDICTIONS.some((each) => each === text);
}
