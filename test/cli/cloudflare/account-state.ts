/** What an account of Cloudflare's has. */
import { createRuntime, type Runtime, type UploadedWorker } from "./runtime.ts";

export interface Queue {
  readonly queue_id: string;
  readonly queue_name: string;
  readonly jurisdiction?: string;
  consumers: object[];
}

export interface Database {
  readonly uuid: string;
  readonly name: string;
  readonly jurisdiction: string | null;
}

export interface AccountState {
  readonly databases: Database[];
  /** "name" or "eu/name". */
  readonly buckets: Set<string>;
  /** By "name/key" or "eu/name/key". */
  readonly objects: Map<string, string>;
  readonly queues: Queue[];
  /** The versions of the Worker, the first one deployed first; one that was gone back to, twice. */
  readonly versions: UploadedWorker[];
  /** The Worker's. */
  readonly domains: string[];
  /** Those of other Workers: a host, and the name of its Worker. */
  readonly othersDomains: Map<string, string>;
  /** The messages of the deployments, one a version. */
  readonly messages: (string | undefined)[];
  /** The name of the Worker. */
  uploadedAs: string | undefined;
  readonly runtime: Runtime;
}

/**
 * @param storage the folder in which its Worker keeps what it stores
 * @param from what it begins with, where `storage` is a copy of that one's. Default: nothing
 */
export function accountState(storage: string, from?: AccountState): AccountState {
  return {
    databases: [...(from?.databases ?? [])],
    buckets: new Set(from?.buckets),
    objects: new Map(from?.objects),
    queues: (from?.queues ?? []).map((queue) => ({ ...queue, consumers: [...queue.consumers] })),
    versions: [...(from?.versions ?? [])],
    domains: [...(from?.domains ?? [])],
    othersDomains: new Map(from?.othersDomains),
    messages: [...(from?.messages ?? [])],
    uploadedAs: from?.uploadedAs,
    runtime: createRuntime(storage, from?.runtime.state()),
  };
}
