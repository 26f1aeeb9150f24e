/** A call of Cloudflare's API, and its errors: "Making API calls" of Cloudflare's documentation. */
import type { IncomingHttpHeaders } from "node:http";

export interface Call {
  readonly method: string;
  /** The account's id is "…". */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly form: FormData | undefined;
  readonly json: Readonly<Record<string, unknown>> | undefined;
  readonly isAuthorized: boolean;
}

export class ApiFault extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A text of a call's body. */
export function textIn({ json }: Call, name: string): string {
  const value = json?.[name];
  if (typeof value !== "string") throw new ApiFault(400, 10001, `${name} is missing`);
  return value;
}
