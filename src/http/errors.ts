/** Errors of `/v1`, and their one form: `{"error": {"code", "message", "field"?, "requestId"}}`. */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";

/** What `/v1` answers when it refuses or fails. */
export interface ApiFailure {
  readonly status: ContentfulStatusCode;
  /** Stable, in snake_case; docs/errors.md lists them. */
  readonly code: string;
  readonly message: string;
  /** The path of the wrong field: `person.id`, `events.3.type`. */
  readonly field?: string;
  /** For the header Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** Thrown by handlers of `/v1`; `errorAnswer` answers it. */
export class ApiError extends HTTPException {
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure) {
    super(failure.status, { message: failure.message });
    this.failure = failure;
  }
}

export function failureAnswer(
  context: Context,
  { status, code, message, field, retryAfterSeconds }: ApiFailure,
  headers: Record<string, string> = {},
): Response {
  const requestId = context.get("requestId");
  const retryAfter = retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) };
  const error = { code, message, ...(field === undefined ? {} : { field }), requestId };
  return Response.json({ error }, { status, headers: { ...retryAfter, ...headers } });
}

/** Whether a path answers in the API's form. */
export function isApiPath(path: string): boolean {
  return path.startsWith("/v1/");
}

/** Answers what a handler threw. Logs every error but an ApiError. */
export function errorAnswer(error: Error, context: Context): Response {
  if (error instanceof ApiError) return failureAnswer(context, error.failure);
  logger.error("request failed", { path: routePath(context), requestId: context.get("requestId"), error });
  if (isApiPath(context.req.path)) {
    const message = "Something went wrong here; it is in the log.";
    return failureAnswer(context, { status: 500, code: "internal", message });
  }
  return context.text("Something went wrong here. Please try again in a moment.\n", 500);
}

/** The value of a result. @throws {ApiError} with the reason why there is none */
export function orApiError<T>(result: Result<T, ApiFailure>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.reason);
}

/**
 * Resolves to what `work` resolves to, or to a failure of the status 503 when it rejects. It should ask the storage and
 * no more: a mistake of ours in what is made of it is no outage, and trying again does not help. It throws no ApiError:
 * what it refuses is a `Result` that it resolves to.
 * @param failure what failed, as a sentence without its end: "The events could not be stored"; it is logged, and said
 * to the caller
 */
export async function askStorage<T>(failure: string, work: () => Promise<T>): Promise<Result<T, ApiFailure>> {
  try {
    return ok(await work());
  } catch (error) {
    logger.error(failure, { error });
    const message = `${failure}; try again in a moment.`;
    return refused({ status: 503, code: "storage_unavailable", message });
  }
}

/** What `work` resolves to, as `askStorage` takes it. @throws {ApiError} 503 when it rejects */
export async function orStorageUnavailable<T>(failure: string, work: () => Promise<T>): Promise<T> {
  return orApiError(await askStorage(failure, work));
}
