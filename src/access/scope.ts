/** The scopes of the API. They stand with the settings, one of which names them. */
export { allows, parseScopes, SCOPES, type Scope, showsAddresses } from "../config/scope.ts";
