import { withServer } from "./server.ts"; import { duel } from "./duel.ts"; import { clickPaths } from "./mailing.ts";
const connections = Number(process.argv[2]); const rounds = Number(process.argv[3] ?? 5);
const r = await withServer({}, async (server) => { const paths = clickPaths(server.worker.tokenKeys, 20000); const order = () => ({ paths, connections, forMs: 1000 }); let answered = 0;
 return duel({ origin: server.worker.origin, order, status: 302, settle: async (c) => { answered += c; await server.settled(answered); } }, { origin: server.nothing, order, status: 204 }, { ...server, rounds, say: () => {} }); });
console.log(connections, r.rate.toFixed(0), r.controlRate.toFixed(0), "ratio", r.ratio.toFixed(3), "cpu", r.cpuUs.toFixed(0), r.controlCpuUs.toFixed(0), "cpuratio", (r.controlCpuUs / r.cpuUs).toFixed(3));
