/** The scopes of the API. They are among the settings, one of which names them. */
export { allows, parseScopes, SCOPES, type Scope, showsAddresses } from "../config/scope.ts";
