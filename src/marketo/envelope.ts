/**
 * The form of every answer of Marketo's API: HTTP 200 and an envelope, with a result or with error codes (AdobeDocs,
 * rest-api/error-codes). Only requests that are too long have a status of their own.
 */
/** Each code's message, unless the call gives a more precise one. */
const MESSAGES = {
  "413": "Request Entity Too Large",
  "414": "Request-URI Too Long",
  "600": "Access token is required",
  "601": "Access token invalid",
  "602": "Access token expired",
  "603": "Access denied",
  "605": "HTTP Method not supported",
  "606": "Max rate limit '100' exceeded with in '20' secs",
  "609": "Invalid JSON",
  "610": "Requested resource not found",
  "611": "System error",
  "612": "Invalid Content Type",
  "615": "Concurrent access limit reached",
  "701": "cannot be blank",
  "702": "No data found",
  "704": "Invalid date format",
  "1001": "Invalid value",
  "1002": "Missing value for required parameter",
  "1003": "Invalid data",
  "1029": "Too many jobs in queue",
  "1035": "Unsupported filter type for target subscription",
} as const;

export type MarketoCode = keyof typeof MESSAGES;

/** Ends a call; the routes' `onError` answers it with `marketoErrorAnswer`. */
export class MarketoError extends Error {
  readonly code: MarketoCode;

  constructor(code: MarketoCode, message: string = MESSAGES[code]) {
    super(message);
    this.code = code;
  }
}

/**
 * A successful answer.
 * @param more members beside `result`: `nextPageToken`, `moreResult`
 */
export function answer(result: readonly unknown[] | undefined, more: Readonly<Record<string, unknown>> = {}) {
  return Response.json({ requestId: newRequestId(), success: true, ...(result && { result }), ...more });
}

const NO_ASSETS = { errors: [], warnings: ["No assets found for the given search criteria."] };

/** About assets. As Marketo's answer, one without any has this very warning and no result: programs look for either. */
export function assetsAnswer(result: readonly unknown[]): Response {
  return result.length === 0 ? answer(undefined, NO_ASSETS) : answer(result, { errors: [], warnings: [] });
}

export function marketoErrorAnswer(code: MarketoCode, message: string = MESSAGES[code]): Response {
  const envelope = { requestId: newRequestId(), success: false, errors: [{ code, message }] };
  return Response.json(envelope, { status: code === "413" || code === "414" ? Number(code) : 200 });
}

/** Like Marketo's, "e42b#14272d07d78": a random part, and the time in ms. */
function newRequestId(): string {
  const random = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  return `${random.toString(16)}#${Date.now().toString(16)}`;
}
