/** Which outcome a message has, when several are reported: the rules of reports in the spec of the seven events. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { get, newSend, reportOutcomes } from "../outcomes.ts";
import { UNASKED } from "./policy.ts";
import { click } from "./small-mailing.ts";

const MINUTE = 60_000;
const AT = Date.now() - 60 * MINUTE;

beforeEach(emptyLog);

const event = (type: number, minute: number, more: Row = {}): Row => ({ type, at: AT + minute * MINUTE, ...more });
const sent = event(6, 0);
const delivered = (minute: number) => event(7, minute);
const hardBounced = (minute: number) => event(8, minute);
const softBounced = (minute: number) => event(27, minute);

const report = async (query = "") => {
  const { body } = await get(`/v1/reports/emails${query}`);
  const { data: reports } = body as { data: Record<string, unknown>[] };
  return reports[0];
};

/** The report after the rows came in this order, and in the other; all at once, and one by one between aggregations. */
async function reportsOf(rows: readonly Row[]): Promise<unknown[]> {
  const reports: unknown[] = [];
  for (const order of [rows, rows.toReversed()]) {
    for (const batches of [[order], order.map((row) => [row])]) {
      await emptyLog();
      for (const batch of batches) {
        await logRows(...batch);
        await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
      }
      reports.push(await report());
    }
  }
  return reports;
}

const NONE = { delivered: 0, hardBounced: 0, softBounced: 0, pending: 0, noResponse: 0 };

describe("the outcome of a message", () => {
  it.each<[string, readonly Row[], keyof typeof NONE]>([
    ["Delivered, when a retry was delivered", [sent, softBounced(1), delivered(2)], "delivered"],
    ["Soft Bounced, when it was refused after it was accepted", [sent, delivered(1), softBounced(2)], "softBounced"],
    ["Delivered, when the last of many answers was it", [softBounced(1), delivered(5), softBounced(3)], "delivered"],
    ["Soft Bounced, when the last of many was", [delivered(1), softBounced(5), delivered(3)], "softBounced"],
    ["Delivered, when both happened at once", [softBounced(1), delivered(1)], "delivered"],
    ["Hard Bounced, whenever it was delivered", [hardBounced(1), delivered(2), softBounced(3)], "hardBounced"],
    ["Delivered, when a person opened it", [event(10, 1), hardBounced(2), softBounced(3)], "delivered"],
    ["Delivered, when a person clicked", [click("1", "l", { at: AT }), hardBounced(2)], "delivered"],
    ["Delivered, when a person unsubscribed", [event(9, 1), softBounced(2)], "delivered"],
    ["Hard Bounced, when a bot opened it", [event(10, 1, { is_bot: 1 }), hardBounced(2)], "hardBounced"],
    ["Soft Bounced, when a bot opened it", [event(10, 1, { is_bot: 1 }), softBounced(2)], "softBounced"],
  ])("is %s, whatever order the events came in", async (_, rows, outcome) => {
    for (const each of await reportsOf(rows)) expect(each).toMatchObject({ ...NONE, sent: 1, [outcome]: 1 });
  });

  it("is Delivered when a soft bounce and a delivered retry are reported in one request without times", async () => {
    const retry = [{ type: "sent" }, { type: "soft_bounced", details: "452 4.2.2 full" }, { type: "delivered" }];
    await reportOutcomes(newSend(), ...retry);
    expect(await report()).toMatchObject({ ...NONE, sent: 1, delivered: 1 });
  });

  it("does not change the time of a message that was sent twice: it is that of the earlier one", async () => {
    const since = new Date(AT + MINUTE).toISOString();
    for (const order of [
      [event(6, 0), event(6, 5)],
      [event(6, 5), event(6, 0)],
    ]) {
      await emptyLog();
      await logRows(...order);
      expect(await report(`?since=${since}`)).toBeUndefined();
    }
  });
});

describe("opens in a report", () => {
  it("are distinguished: by the pixel, and implied by a click, an unsubscription or a complaint", async () => {
    const complaint = { detail: JSON.stringify({ cause: "complaint" }) };
    await logRows(
      event(10, 1, { person: "a" }),
      click("b", "l"),
      event(9, 1, { person: "c", detail: JSON.stringify({ cause: "form" }) }),
      event(9, 1, { person: "d", ...complaint }),
    );
    const counts = { delivered: 4, opened: 4, openedByPixel: 1, clicked: 1, unsubscribed: 2, complained: 1 };
    expect(await report()).toMatchObject(counts);
  });

  it("say what was left out as a bot's, so that nobody sees 0 and wonders", async () => {
    const bot = { is_bot: 1, bot_pattern: "Match with user agent: Googlebot" };
    await logRows(
      event(10, 1, { person: "a", ...bot }),
      click("a", "l1", { at: AT + 2 * MINUTE, ...bot }),
      click("a", "l2", { at: AT + 9 * MINUTE, ...bot }),
      event(10, 1, { person: "b" }),
      click("b", "l1", { at: AT + 2 * MINUTE, ...bot }),
    );
    const bots = { opened: 1, clicked: 2, clicks: 3 };
    expect(await report()).toMatchObject({ opened: 1, clicked: 0, bots });
    expect(await report("?bots=include")).toMatchObject({ opened: 2, clicked: 2, bots });
  });
});
