/** What an email is, for the reports of a sender who decorates with the library: the body of `POST /v1/emails`. */
import { parseId } from "../tokens/id.ts";
import type { DecoratedLink, LinkRegister } from "./links.ts";
import { DecorateError } from "./options.ts";

/** An id, or an id with the name that reports show. */
export type NamedId = string | number | { readonly id: string | number; readonly name?: string };

/** What `describe` takes. */
export interface Described {
  /** The email, with the name that reports show. */
  readonly email: NamedId;
  /** A campaign that it belongs to, where its name is to be known. */
  readonly campaign?: NamedId;
  /** Whether the Worker keeps the email's HTML, without what is personal, for the dashboard. Default: false */
  readonly keepSource?: boolean;
}

/** The body of `POST /v1/emails`. */
export interface EmailDescription {
  /** As it was given. */
  readonly email: NamedId;
  /** As it was given. */
  readonly campaign?: NamedId;
  /** Each id once. A URL is without its personal parameters. */
  readonly links: readonly DecoratedLink[];
  /** What is to be kept: `Template.markedHtml`. */
  readonly html?: string;
}

/** @throws {DecorateError} naming `email` or `campaign` */
export function emailDescription(
  { email, campaign, keepSource = false }: Described,
  register: LinkRegister,
  marked: () => string | undefined,
): EmailDescription {
  const links = new Map<string, DecoratedLink>();
  for (const link of register.links) {
    if (!links.has(link.id)) links.set(link.id, { ...link, url: register.withoutPersonal(link.url) });
  }
  checkNamed("email", email);
  if (campaign !== undefined) checkNamed("campaign", campaign);
  const html = keepSource ? marked() : undefined;
  return {
    email,
    ...(campaign === undefined ? {} : { campaign }),
    links: [...links.values()],
    ...(html === undefined ? {} : { html }),
  };
}

function checkNamed(field: string, named: NamedId): void {
  const id = typeof named === "object" && named !== null ? named.id : named;
  if (parseId(id) === undefined) throw new DecorateError(field, "is neither an id nor { id, name }");
}
