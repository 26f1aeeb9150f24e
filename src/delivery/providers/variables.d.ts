/** The variables of all providers, as bindings of the Worker; a missing one is undefined. */
interface __BaseEnv_Env extends Partial<Readonly<Record<import("./index.ts").ProviderVariable, string>>> {}
