/** What stands for "cloudflare:workers" where src/api-document.ts runs in Node: nothing of it is called. */
export class DurableObject {}
export class RpcTarget {}
