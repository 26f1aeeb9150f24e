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
  /** The body of what is no form. */
  readonly text: string;
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

/** What is answered as it is: a file, an object. */
export class RawAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body = "", headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** A text of a call's body. */
export function textIn({ json }: Call, name: string): string {
  const value = json?.[name];
  if (typeof value !== "string") throw new ApiFault(400, 10001, `${name} is missing`);
  return value;
}

/** The parts of the path are those that the pattern captures. */
export type Route = readonly [
  method: string,
  pattern: RegExp,
  handler: (call: Call, parts: readonly string[]) => unknown,
];

/** "name" or "eu/name". */
export function bucketName({ headers }: Call, name: string): string {
  const jurisdiction = headers["cf-r2-jurisdiction"];
  return jurisdiction === undefined ? name : `${jurisdiction}/${name}`;
}
