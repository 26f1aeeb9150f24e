import { DurableObject } from "cloudflare:workers";
export class OpenGate extends DurableObject {}
export class Outbox extends DurableObject {}
export default { async fetch(_r: Request, env: any) { return Response.json({e: env.ENVIRONMENT, k: env.TOKEN_KEYS, h: [...new Headers({location: "https://x/é"})]}) }, async queue() {} };
