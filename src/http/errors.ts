/** Errors of `/v1` and their one form: `{"error": {"code", "message", "field"?}}`. */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { logger } from "../platform/logger.ts";

/** Stable codes; docs/errors.md lists them. */
export type ErrorCode =
  | "invalid_json"
  | "invalid_field"
  | "missing_field"
  | "unknown_field"
  | "unmailable"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "method_not_allowed"
  | "too_large"
  | "storage_unavailable"
  | "internal";

export interface Fault {
  readonly status: ContentfulStatusCode;
  readonly code: ErrorCode;
  readonly message: string;
  /** The path of the field that is wrong: `person.id`, `events.3.type`. */
  readonly field?: string;
}

/** Thrown by handlers; the app turns it into its answer. */
export class ApiError extends HTTPException {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.status, { message: fault.message });
    this.fault = fault;
  }
}

export function faultAnswer(
  { status, code, message, field }: Fault,
  headers: Record<string, string> = {},
): Response {
  const error = { code, message, ...(field === undefined ? {} : { field }) };
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

/** What D1 answers; when it does not: 503, and a line of the log, with `failure` for both: "The events could not be stored". */
export async function orStorageUnavailable<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    logger.error(failure, { error });
    const message = `${failure}; try again in a moment.`;
    throw new ApiError({ status: 503, code: "storage_unavailable", message });
  }
}
