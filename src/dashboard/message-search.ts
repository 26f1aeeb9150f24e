/** What the form of the messages asks for, and how `/v1` is asked. */
import type { Schemas, WaxsealClient } from "../client/index.ts";
import { type AllTime, chosenQuery, type Period, periodOrAll } from "./period.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

/** The fields of the form; empty where nothing is asked. */
export interface MessageSearch {
  /** An address, a person's id, or a text with a token of the message in it. */
  readonly find: string;
  readonly email: string;
  readonly campaign: string;
  readonly status: string;
  /** The reference of a message, for all messages to the same person; the form has no field for it. */
  readonly message: string;
  /** When they were sent. */
  readonly period: Period | AllTime;
  readonly cursor: string | undefined;
}

export interface MessagePage {
  readonly data: readonly Schemas["Message"][];
  readonly next?: string | undefined;
  /** Whether they were found by a token: then there is one at most. */
  readonly isByToken: boolean;
  /** How many a page has room for. */
  readonly limit: number;
}

const MESSAGES_PER_PAGE = 50;

/** Other pages lead here by the API's names for what is searched by: `person`, `address`, `token`. */
export function searchIn({ url: { searchParams }, zone, nowMs }: Visit): MessageSearch {
  const text = (...names: readonly string[]) =>
    names.map((name) => searchParams.get(name)?.trim() ?? "").find((value) => value !== "") ?? "";
  return {
    find: text("find", "address", "person", "token"),
    email: text("email"),
    campaign: text("campaign"),
    status: text("status"),
    message: text("message"),
    period: periodOrAll(searchParams, zone, nowMs, "all"),
    cursor: searchParams.get("cursor") ?? undefined,
  };
}

const MAY_BE_ADDRESS = /^[^\s@/]+@[^\s@/]+$/;
const MAY_BE_PERSON = /^~?[A-Za-z0-9._:-]{1,64}$/;
const MAY_HOLD_TOKEN = /[A-Za-z0-9_-]{24}/;

/** @throws {ApiTrouble} what `/v1` refuses */
export async function searchMessages(api: WaxsealClient, search: MessageSearch): Promise<MessagePage> {
  const { find } = search;
  const recipient = MAY_BE_PERSON.test(find) ? { person: find } : { address: find };
  const isRecipient = find === "" || MAY_BE_PERSON.test(find) || MAY_BE_ADDRESS.test(find);
  if (MAY_HOLD_TOKEN.test(find)) {
    const found = await ofToken(api, find, isRecipient);
    if (found !== undefined) return found;
  }
  const { email, campaign, status, message, period, cursor } = search;
  const query = {
    ...chosenQuery(period),
    ...(message === "" ? {} : { message }),
    ...(find === "" ? {} : recipient),
    ...(email === "" ? {} : { email }),
    ...(campaign === "" ? {} : { campaign }),
    ...(status === "" ? {} : { status: status as Schemas["Message"]["status"] }),
    ...(cursor === undefined ? {} : { cursor }),
    limit: MESSAGES_PER_PAGE,
  };
  const page = await answered(api.GET("/v1/messages", { params: { query } }));
  return { ...page, isByToken: false, limit: MESSAGES_PER_PAGE };
}

/** Undefined where there is no genuine token in a text that may be a recipient instead. */
async function ofToken(api: WaxsealClient, token: string, isRecipient: boolean): Promise<MessagePage | undefined> {
  try {
    const page = await answered(api.GET("/v1/messages", { params: { query: { token } } }));
    return { ...page, isByToken: true, limit: MESSAGES_PER_PAGE };
  } catch (error) {
    if (error instanceof ApiTrouble && error.field === "token" && isRecipient) return undefined;
    throw error;
  }
}
