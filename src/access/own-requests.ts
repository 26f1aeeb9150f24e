/**
 * Requests that the Worker makes to its own `/v1` in process, for somebody whose session it has just looked up: so that
 * a page reads the session once, and not again with each answer that it shows.
 */
import type { Session } from "./sessions.ts";

const sessionsOfRequests = new WeakMap<Request, Session>();

/** Says whose request this is. No request from outside can be one of these. */
export function vouchFor(request: Request, session: Session): void {
  sessionsOfRequests.set(request, session);
}

/** Whose request it is; undefined of one from outside. */
export function vouchedSession(request: Request): Session | undefined {
  return sessionsOfRequests.get(request);
}
