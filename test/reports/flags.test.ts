/** The marks that aggregation leaves in the log depend neither on the order of events nor on the batches. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOT_PATTERNS } from "../../src/bots/bot.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { runs } from "../fuzz.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { MARKING, marking } from "./policy.ts";
import { AT, clicked, delivered, log, MINUTE, opened, SECOND } from "./visited.ts";

describe("the marks of a message", () => {
  it("are the same in the end, in whatever order and batches its events come, and however often", async () => {
    const ANY_EVENT = fc.record({
      type: fc.constantFrom(6, 7, 10, 11, 11, 11, 11),
      second: fc.oneof(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 4_000 }).map((ms) => ms / SECOND),
      ),
      link: fc.constantFrom("l1", "l2", "l3", "l4"),
      pattern: fc.option(fc.constantFrom(...Object.values(BOT_PATTERNS)), { freq: 2 }),
      step: fc.integer({ min: 0, max: 3 }),
      isRepeated: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(ANY_EVENT, {
          maxLength: 14,
          selector: ({ type, second }) => (type === 10 ? "opened" : `${type}${second}`),
        }),
        fc.constantFrom(MARKING, marking({ proximity: "filter" }), marking({ links: "off", delivery: "filter" })),
        async (events, policy) => {
          const rows = events.map(({ type, second, link, pattern }, index): Row => {
            const at = AT + Math.round(second * SECOND);
            const bot = pattern === null ? {} : { is_bot: 1, bot_pattern: pattern };
            if (type === 10) return opened(at, bot);
            return { id: `e${index}`, ...(type === 11 ? clicked(at, link, bot) : { type, at }) };
          });
          /** Whether each is a bot's; those that have left the log are. */
          const flags = async () => {
            const left = new Map((await log()).map(({ id, isBot }) => [id, isBot]));
            return Object.fromEntries(rows.map(({ id }) => [id, left.get(String(id)) ?? true]));
          };
          await emptyLog();
          await logRows(...rows);
          await aggregateLog(env, policy, Number.POSITIVE_INFINITY);
          const atOnce = await flags();
          await emptyLog();
          for (let step = 0; step <= 4; step++) {
            const now = rows.filter((_, index) => events[index]?.step === step);
            const again = rows.filter(
              (_, index) => events[index]?.isRepeated === true && (events[index]?.step ?? 0) < step,
            );
            await logRows(...[...again, ...now].reverse());
            await aggregateLog(env, policy, Number.POSITIVE_INFINITY);
          }
          expect(await flags()).toEqual(atOnce);
        },
      ),
      runs(60),
    );
  });
});

describe("an Opened whose loads turn out to be a scanner's", () => {
  const opens = async () => (await log()).filter(({ type }) => type === 10);

  it("shows a person's load days later, however many a scanner made, which do not come back", async () => {
    const policy = { ...MARKING, deliverySeconds: 60 };
    const scans = Array.from({ length: 40 }, (_, index) => opened(AT + index * SECOND));
    const person = opened(AT + 3 * 24 * 60 * MINUTE);
    const orders = [
      [scans, [delivered()], [person]],
      [scans, [person], [delivered()]],
      [[person], [delivered()], scans],
    ];
    for (const order of orders) {
      await emptyLog();
      for (const rows of order) {
        await logRows(...rows.map((row) => ({ ...row })));
        await aggregateLog(env, policy, Number.POSITIVE_INFINITY);
      }
      expect((await opens()).map(({ at, isBot }) => ({ at, isBot }))).toEqual([{ at: person.at, isBot: false }]);
      const [report] = await emailCounts(env.DB, { bots: "exclude" }, { by: "email", limit: 10 }, AT);
      expect(report?.opened).toBe(1);
      const before = await opens();
      await logRows(...scans.slice(0, 8).map((row) => ({ ...row })));
      await aggregateLog(env, policy, Number.POSITIVE_INFINITY);
      expect(await opens()).toEqual(before);
    }
  });
});
