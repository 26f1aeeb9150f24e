/**
 * Masks the answers of an operation for callers who see no whole addresses. Guarantees that no operation is forgotten:
 * it runs before each that takes a scope (api-routes.ts), masks what nothing is said about, and refuses what it
 * cannot mask.
 */
import type { MiddlewareHandler } from "hono";
import { type MaskPlan, maskedCsv, maskedValue, maskPlan } from "../http/masked-answer.ts";
import type { AnswerSpec, Operation } from "../http/operation.ts";

/** Goes before the operation and behind `bearer`, which says who calls. */
export function maskAnswers({ answers }: Operation): MiddlewareHandler<{ Bindings: Env }> {
  const plans = new Map<number, MaskPlan>();
  const planOf = (status: number): MaskPlan => {
    const { schema } = answers[status] ?? {};
    const plan = plans.get(status) ?? (schema === undefined ? "text" : maskPlan(schema));
    plans.set(status, plan);
    return plan;
  };
  return async (context, next) => {
    await next();
    const { res } = context;
    const spec = answers[res.status];
    // An error repeats what the caller has sent, and nothing of the log.
    if (context.get("seesAddresses") || res.body === null || res.status >= 400 || spec?.hasNoAddresses) return;
    context.res = new Response(await maskedBody(res, spec, planOf(res.status)), res);
  };
}

/** @throws {Error} for a type of content that cannot be masked */
async function maskedBody(answer: Response, spec: AnswerSpec | undefined, plan: MaskPlan): Promise<string> {
  const type = answer.headers.get("Content-Type")?.split(";")[0];
  if (type === "application/json") return JSON.stringify(maskedValue(plan, await answer.json()));
  if (type === "text/csv") return maskedCsv(await answer.text(), spec?.csvColumns ?? {});
  throw new Error(`an answer of the type ${type} cannot be masked`);
}
