/**
 * What an endpoint's object keeps beside its deliveries: its secrets, and how far it has posted. In the object's own
 * storage, whose writes between two awaits are one transaction.
 */
import { randomBytes } from "node:crypto";
import { DAY_MS } from "../platform/durations.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { type PostQueue, resumed } from "./post-queue.ts";

/** An alert that ALERT_WEBHOOK has not accepted yet. */
export interface Alert {
  readonly tries: number;
  readonly nextAtMs: number;
}

/** "live": what is recorded; "replay": what is posted again. */
export const QUEUE_NAMES = ["live", "replay"] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

interface StoredSecret {
  readonly secret: string;
  /** Until when it signs; undefined: it is the present one. */
  readonly untilMs?: number | undefined;
}

export interface RotatedSecret {
  readonly secret: string;
  /** Until then the one before signs, too. */
  readonly previousUntilMs: number;
}

export const MAX_REPLAYS = 10;
/** For so long an old secret signs, too. */
const ROTATION_MS = DAY_MS;
/** So many sign beside the present one. */
const MAX_OLD_SECRETS = 3;
const SECRET_BYTES = 32;

export class EndpointState {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** Makes its first secret, and begins behind a seq. */
  start(seq: number): string {
    this.saveQueue("live", { after: seq });
    return this.#addSecret([]);
  }

  queue(name: QueueName): PostQueue | undefined {
    return name === "live" ? this.#kv.get<PostQueue>("live") : this.replays()[0];
  }

  saveQueue(name: QueueName, queue: PostQueue): void {
    if (name === "live") this.#kv.put("live", queue);
    else this.#kv.put("replays", [queue, ...this.replays().slice(1)]);
  }

  /** The present one first; the others wait behind it. */
  replays(): readonly PostQueue[] {
    return this.#kv.get<readonly PostQueue[]>("replays") ?? [];
  }

  /** False when too many wait. */
  addReplay(queue: PostQueue): boolean {
    const replays = this.replays();
    if (replays.length >= MAX_REPLAYS) return false;
    const id = (this.#kv.get<number>("latestReplay") ?? 0) + 1;
    this.#kv.put("latestReplay", id);
    this.#kv.put("replays", [...replays, { ...queue, id }]);
    return true;
  }

  /** Ends all replays; returns how many there were. */
  stopReplays(): number {
    const { length } = this.replays();
    if (length > 0) this.#kv.put("replays", []);
    return length;
  }

  endReplay(): void {
    this.#kv.put("replays", this.replays().slice(1));
  }

  /** The queues that wait try again at once, and may fail as long as at first. */
  forgetFailures(nowMs: number): void {
    for (const name of QUEUE_NAMES) {
      const queue = this.queue(name);
      if (queue?.failure !== undefined) this.saveQueue(name, resumed(queue, nowMs));
    }
    this.refusingSinceMs = undefined;
    this.#kv.put("resumedAtMs", nowMs);
  }

  /** When failures were last forgotten. */
  get resumedAtMs(): number {
    return this.#kv.get<number>("resumedAtMs") ?? 0;
  }

  /** All that sign now, the newest first. */
  secrets(nowMs: number): readonly string[] {
    return this.#secretsAt(nowMs).map(({ secret }) => secret);
  }

  /** Makes a new secret. The one before signs, too, for a day. Refused while as many as possible do. */
  rotate(nowMs: number): Result<RotatedSecret, "full"> {
    const previousUntilMs = nowMs + ROTATION_MS;
    const old = this.#secretsAt(nowMs).map((each) => ({ ...each, untilMs: each.untilMs ?? previousUntilMs }));
    if (old.length > MAX_OLD_SECRETS) return refused("full");
    return ok({ secret: this.#addSecret(old), previousUntilMs });
  }

  #addSecret(old: readonly StoredSecret[]): string {
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
    this.#kv.put("secrets", [{ secret }, ...old]);
    return secret;
  }

  #secretsAt(nowMs: number): readonly StoredSecret[] {
    const secrets = this.#kv.get<readonly StoredSecret[]>("secrets") ?? [];
    return secrets.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
  }

  /**
   * Since when it has accepted nothing at all, or the live queue waits at the same event. Undefined: neither is so.
   * What a replay posts may be accepted while the live queue waits.
   */
  get failingSinceMs(): number | undefined {
    const since = [this.refusingSinceMs, this.queue("live")?.failure?.sinceMs].filter((ms) => ms !== undefined);
    return since.length === 0 ? undefined : Math.min(...since);
  }

  /** Since when it has accepted nothing. Undefined: the latest post was accepted, or nothing waits. */
  get refusingSinceMs(): number | undefined {
    return this.#kv.get<number>("refusingSinceMs");
  }

  set refusingSinceMs(ms: number | undefined) {
    this.#set("refusingSinceMs", ms);
  }

  /** Whether it has found itself disabled. */
  get isPaused(): boolean {
    return this.#kv.get<boolean>("isPaused") ?? false;
  }

  set isPaused(isPaused: boolean) {
    this.#set("isPaused", isPaused || undefined);
  }

  get alert(): Alert | undefined {
    return this.#kv.get<Alert>("alert");
  }

  set alert(alert: Alert | undefined) {
    if (alert !== undefined) this.#kv.put("alert", alert);
    else if (this.alert !== undefined) this.#kv.delete("alert");
  }

  /** When deliveries were last pruned. */
  get prunedAtMs(): number {
    return this.#kv.get<number>("prunedAtMs") ?? 0;
  }

  set prunedAtMs(ms: number) {
    this.#set("prunedAtMs", ms);
  }

  /** Alarms in a row that D1 has failed. */
  get failedAlarms(): number {
    return this.#kv.get<number>("failedAlarms") ?? 0;
  }

  set failedAlarms(count: number) {
    this.#set("failedAlarms", count || undefined);
  }

  /** Written when it changes: each write costs a row. */
  #set(key: string, value: number | boolean | undefined): void {
    if (this.#kv.get(key) === value) return;
    if (value === undefined) this.#kv.delete(key);
    else this.#kv.put(key, value);
  }
}
