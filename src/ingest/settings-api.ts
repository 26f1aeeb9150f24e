/** GET /v1/settings: which settings this Worker has. Guarantees that the value of none is in the answer. */
import * as v from "valibot";
import { EnvironmentVariables } from "../config/variables.ts";
import { operation } from "../http/operation.ts";
import { type HealthParts, refusedSettingsOf } from "./health.ts";

const Setting = v.pipe(
  v.object({
    name: v.pipe(v.string(), v.description("Of the variable or secret.")),
    set: v.pipe(v.boolean(), v.description("Whether it has a value. Without one its default holds.")),
    problem: v.optional(v.pipe(v.string(), v.description("What is wrong with it, or with its absence."))),
  }),
  v.title("Setting"),
);

/** @param others of the capabilities that read settings of their own */
export function listSettings(others: HealthParts) {
  return operation({
    summary: "List settings",
    description: "Every variable and secret that the Worker reads, and whether it is set. Never a value.",
    answers: { 200: { description: "The settings", schema: v.object({ data: v.array(Setting) }) } },
    handle: (context) => {
      const problems = new Map(refusedSettingsOf(context.env, others).map(({ name, problem }) => [name, problem]));
      const names = [...Object.keys(EnvironmentVariables.entries), ...others.ownSettings];
      const data = names.map((name) => {
        const problem = problems.get(name);
        return { name, set: isSet(context.env, name), ...(problem === undefined ? {} : { problem }) };
      });
      return context.json({ data });
    },
  });
}

function isSet(env: Env, name: string): boolean {
  const value: unknown = Reflect.get(env, name);
  return typeof value === "string" && value.trim() !== "";
}
