/**
 * The loads of one Opened's pixel, and which of them its row shows. Guarantees that the row depends on the loads alone,
 * not on the order or number of times in which they arrive: the earliest load by a person; when there is none, the
 * earliest by a bot. The others are kept, in case the first is reclassified as a bot's.
 *
 * A row with one load holds it in its columns. One with several, or with a reclassified one, has all of them in
 * `detail.loads`.
 */
import { EVENT_TYPES, FILTERED_TYPE_ID } from "./event.ts";

export interface PixelLoad {
  /** ms since 1970 UTC. */
  readonly at: number;
  readonly campaign: string;
  readonly userAgent: string | null;
  /** The pattern by which the edge marked it as a bot's; empty when none is known. */
  readonly bot?: string;
  /** The pattern by which aggregation reclassified it as a bot's; null: and filtered it. */
  readonly reclassified?: string | null;
}

/** The columns of an Opened's row that depend on its loads. */
export interface OpenedColumns {
  /** Opened, or filtered when every load is. */
  readonly type: number;
  readonly at: number;
  readonly campaign: string;
  readonly userAgent: string | null;
  readonly isBot: 0 | 1;
  readonly botPattern: string | null;
  /** JSON `{loads}`; null for one load. */
  readonly detail: string | null;
}

/**
 * Loads of one campaign that are kept: persons' and, apart from them, reclassified ones, which must not come back as a
 * person's when they are delivered again. More than the gate records in years while it is reachable.
 */
const MAX_LOADS = 32;

/** The loads of a row, in their order. */
export function loadsOf(row: OpenedColumns): readonly PixelLoad[] {
  const { at, campaign, userAgent, isBot, botPattern, detail } = row;
  const { loads } = (detail === null ? {} : JSON.parse(detail)) as { readonly loads?: readonly PixelLoad[] };
  if (loads !== undefined) return loads;
  return [{ at, campaign, userAgent, ...(isBot === 1 ? { bot: botPattern ?? "" } : {}) }];
}

/**
 * The loads of both, each once, in their order. Of each campaign at most the earliest bot's, 32 persons' and 32
 * reclassified ones: of more, the earliest half and the latest half, so that many loads by a scanner, which are not
 * reclassified yet, displace neither the first open nor one that comes days later.
 */
export function mergedLoads(known: readonly PixelLoad[], arrived: readonly PixelLoad[]): readonly PixelLoad[] {
  // What is known comes last, because it may be reclassified.
  const distinct = new Map([...arrived, ...known].map((load) => [identityOf(load), load]));
  const inOrder = [...distinct]
    .sort(([oneId, one], [otherId, other]) => one.at - other.at || (oneId < otherId ? -1 : 1))
    .map(([, load]) => load);
  const kinds = Map.groupBy(inOrder, (load) => JSON.stringify([load.campaign, kindOf(load)]));
  const kept = new Set([...kinds.values()].flatMap(bounded));
  return inOrder.filter((load) => kept.has(load));
}

function kindOf({ bot, reclassified }: PixelLoad): "bot" | "reclassified" | "person" {
  if (bot !== undefined) return "bot";
  return reclassified === undefined ? "person" : "reclassified";
}

/** Those that are kept of one campaign's loads of a kind, in their order. */
function bounded(loads: readonly PixelLoad[]): readonly PixelLoad[] {
  if (loads[0]?.bot !== undefined) return loads.slice(0, 1);
  if (loads.length <= MAX_LOADS) return loads;
  return [...loads.slice(0, MAX_LOADS / 2), ...loads.slice(-MAX_LOADS / 2)];
}

/** The columns for loads, at least one, in their order. */
export function openedColumns(loads: readonly [PixelLoad, ...PixelLoad[]]): OpenedColumns {
  const shown = shownLoad(loads);
  const { at, campaign } = shown ?? loads[0];
  const pattern = shown === undefined ? undefined : patternOf(shown);
  const deciding = decidingLoads(loads);
  // Loads behind the deciding ones drop `reclassified`, so that the row does not depend on order of arrival.
  const others = loads.slice(deciding.length).map(({ reclassified, ...load }) => load);
  const isPlain = loads.length === 1 && loads[0].reclassified === undefined;
  return {
    type: shown === undefined ? FILTERED_TYPE_ID : EVENT_TYPES.opened.id,
    at,
    campaign,
    userAgent: shown?.userAgent ?? null,
    isBot: pattern === undefined ? 0 : 1,
    botPattern: pattern || null,
    detail: isPlain ? null : JSON.stringify({ loads: [...deciding, ...others] }),
  };
}

/** The loads up to the first by a person, which the row shows; all of them when there is none. */
export function decidingLoads(loads: readonly PixelLoad[]): readonly PixelLoad[] {
  const shown = loads.findIndex(isByPerson);
  return shown === -1 ? loads : loads.slice(0, shown + 1);
}

/** The load that the row shows; undefined when all are filtered. */
export function shownLoad(loads: readonly PixelLoad[]): PixelLoad | undefined {
  return loads.find(isByPerson) ?? loads.find(({ reclassified }) => reclassified !== null);
}

function isByPerson({ bot, reclassified }: PixelLoad): boolean {
  return bot === undefined && reclassified === undefined;
}

/** The pattern that marks a load as a bot's; undefined for a person's. */
export function patternOf({ bot, reclassified }: PixelLoad): string | undefined {
  return bot ?? reclassified ?? undefined;
}

function identityOf({ at, campaign, userAgent, bot }: PixelLoad): string {
  return JSON.stringify([at, campaign, userAgent, bot]);
}
