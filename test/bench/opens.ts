/** Opens: the first of a message, and those that come after it. */
import type { Bench } from "./bench.ts";
import { duel } from "./duel.ts";
import { countFigure, rateFigure } from "./figures.ts";
import { openPaths } from "./mailing.ts";
import { withServer } from "./server.ts";

const ROUNDS = 9;
const CONNECTIONS = 32;

const ROUND_MS = 1_500;
const OPENED = 1_000;

export const repeatedOpens: Bench = {
  name: "repeated-opens",
  about: "opens of opened messages, against a Worker that answers 204 and does nothing",
  run: (say) =>
    withServer({}, async (server) => {
      const paths = openPaths(server.worker.tokenKeys, OPENED);
      say(`opening ${OPENED} messages`);
      await server.load.run(server.worker.origin, { paths, connections: CONNECTIONS, requests: OPENED });
      await server.settled(OPENED);
      const order = () => ({ paths, connections: CONNECTIONS, forMs: ROUND_MS });
      const result = await duel(
        { origin: server.worker.origin, order, status: 200 },
        { origin: server.nothing, order, status: 204 },
        { ...server, rounds: ROUNDS, say },
      );
      return [
        rateFigure("repeated opens", result, 0.6),
        countFigure("repeated opens, Opened in D1 of messages", await server.logged(), OPENED),
      ];
    }),
};

const A_ROUND = 500;
/**
 * So few that an open takes far less than its budget of 100 ms when 250 objects a second are created. With many
 * connections most opens would use up the budget, and the rate would be that of answers, not of recorded opens.
 */
const FEW_CONNECTIONS = 8;

export const firstOpens: Bench = {
  name: "first-opens",
  about: "first opens, a new message each, against a Durable Object that is created and writes one key",
  run: (say) =>
    withServer({}, async (server) => {
      const order = (round: number) => ({
        paths: openPaths(server.worker.tokenKeys, A_ROUND, round * A_ROUND),
        connections: FEW_CONNECTIONS,
        requests: A_ROUND,
      });
      let answered = 0;
      const result = await duel(
        {
          origin: server.worker.origin,
          order,
          status: 200,
          settle: async (count) => {
            answered += count;
            await server.settled(answered);
          },
        },
        { origin: server.writesOneKey, order, status: 204 },
        { ...server, rounds: ROUNDS, say },
      );
      return [
        rateFigure("first opens", result, 0.8),
        countFigure("first opens, Opened in D1 of those answered", await server.logged(), result.answered),
      ];
    }),
};
