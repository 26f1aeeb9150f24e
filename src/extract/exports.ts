/** Bulk extracts: their states, and the work on them by alarm. */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

export class Exports extends DurableObject<Env> {}
