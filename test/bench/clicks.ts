/** Clicks recorded before they are answered, and every one of them in D1 afterwards. */
import type { Bench, Figure } from "./bench.ts";
import { duel } from "./duel.ts";
import { countFigure, rateFigure } from "./figures.ts";
import { clickPaths } from "./mailing.ts";
import { withServer } from "./server.ts";

const ROUNDS = 9;
const ROUND_MS = 1_500;
const PERSONS = 20_000;

export const clicks: Bench = {
  name: "clicks",
  about: "clicks recorded before answered, against a Worker that answers 204 and does nothing",
  async run(say) {
    const figures: Figure[] = [];
    for (const connections of [32, 256]) {
      const { result, logged } = await withServer({}, async (server) => {
        const paths = clickPaths(server.worker.tokenKeys, PERSONS);
        const order = () => ({ paths, connections, forMs: ROUND_MS });
        let answered = 0;
        const result = await duel(
          {
            origin: server.worker.origin,
            order,
            status: 302,
            settle: async (count) => {
              answered += count;
              await server.settled(answered);
            },
          },
          { origin: server.nothing, order, status: 204 },
          { ...server, rounds: ROUNDS, say },
        );
        return { result, logged: await server.logged() };
      });
      figures.push(
        rateFigure(`clicks at ${connections} connections`, result, 0.45),
        countFigure(`clicks at ${connections} connections, in D1 of those answered`, logged, result.answered),
      );
    }
    return figures;
  },
};
