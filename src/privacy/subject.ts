/** Whom a request about privacy names: a person, or everybody with an address. */
import { normalAddress } from "../events/address.ts";
import { ApiError } from "../http/errors.ts";

/** The address is normalised (events/address.ts). */
export type ErasureSubject = { readonly person: string } | { readonly address: string };

interface Named {
  readonly person?: string | undefined;
  readonly address?: string | undefined;
}

/** @throws ApiError when not exactly one of them is named */
export function subjectOf({ person, address }: Named): ErasureSubject {
  if (person !== undefined && address !== undefined) {
    throw wrongField("address", "name a person or an address, not both");
  }
  if (person !== undefined) return { person };
  if (address !== undefined) return { address: normalAddress(address) };
  const message = "A person or an address must be named.";
  throw new ApiError({ status: 400, code: "missing_field", message, field: "person" });
}

export function wrongField(field: string, what: string): ApiError {
  return new ApiError({ status: 400, code: "invalid_field", message: `${field}: ${what}.`, field });
}
