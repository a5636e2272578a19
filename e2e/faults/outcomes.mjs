import { DISK_FAULTS } from "./disk.mjs";
import { NETWORK_FAULTS, nameOf } from "./network.mjs";
import { POSTGRES_FAULTS } from "./postgres.mjs";

const killed = (victim) => (report) =>
  kills(report, "random").filter((kill) => kill.victim === victim);
const kills = ({ storm }, kind) => storm.kills.filter((kill) => kill.kind === kind);
const measured = ({ recovery }, what) => ({
  recoveredMs: recovery.measures[`attempts of ${what} run again after`],
});
const faulted = (name) => (report) =>
  ["network", "postgres", "disk"]
    .flatMap((scenario) => report[scenario].faults)
    .filter((fault) => fault.name === name);

const DATABASE = {
  cut: "the connections are made again; what was on its way is sent again and written once",
  reset: "the same",
  delay: "everything takes longer; nothing else",
  hold: "everything waits; after 5 s without a renewal the worker ends its processes, since another may have the work by then",
  mute: "as if PostgreSQL were away: connecting is given up after 10 s and tried again",
  lose: "a statement that nobody answers for 2 to 4 s is asked after over a new connection; where PostgreSQL is not at it any more, the connection is ended and the statement sent again",
};
const HTTP = {
  cut: "a client that asks again with its idempotency key, or a webhook with its delivery id, gets the first answer; a stream goes on behind its last id",
  reset: "the same",
  delay: "answers come later; nothing else",
  hold: "the same",
  mute: "the client has to give up by itself and ask again",
  lose: "the client has to give up by itself and ask again; nothing is done twice",
};
const OTHERS = {
  [POSTGRES_FAULTS[0].name]:
    "leases and timers keep the time of PostgreSQL: none is lost, none fires early",
  [POSTGRES_FAULTS[1].name]:
    "work goes on; the live stream stands still, goes on afterwards without a gap, and `yard doctor` names the transaction",
  [POSTGRES_FAULTS[2].name]: "work waits and goes on",
  [DISK_FAULTS[0].name]:
    "new work is refused with 503 and the reason; results of what runs wait and are written when there is room",
};

/** Every fault that the tests know: what it is, what happens, and where in a report it is found. */
export const OUTCOMES = [
  {
    fault: "a server or worker, `kill -9`, at each named point of the engine",
    outcome:
      "what was not durable is done again by whoever lives, or at the next start; nothing else changes",
    of: (report) => kills(report, "point"),
  },
  {
    fault: "a worker that stands still for 9 s, and goes on",
    outcome: "its work is given to others; it gives up what is not its own any more",
    of: (report) => [...kills(report, "freeze"), measured(report, "a frozen worker")],
  },
  ...[
    [
      "owner",
      "the server, `kill -9`",
      "its attempts are `lost` and run again; its PostgreSQL goes on or is started again",
    ],
    ["worker", "a worker, `kill -9`", "its attempts are `lost` and run again elsewhere"],
    ["owner+worker", "the server and a worker at once, `kill -9`", "both"],
    [
      "spawner",
      "a spawner of processes, `kill -9`",
      "what it had started is killed, those attempts are `lost` and run again; another spawner comes",
    ],
    [
      "postmaster",
      "the embedded PostgreSQL, `kill -9`",
      "the server starts it again; what is to be written waits",
    ],
    [
      "backend",
      "one connection's backend of PostgreSQL, `kill -9`",
      "PostgreSQL recovers; everything waits for it",
    ],
  ].map(([victim, fault, outcome]) => ({ fault, outcome, of: killed(victim) })),
  ...NETWORK_FAULTS.map((fault) => ({
    fault: nameOf(fault),
    outcome: (fault.where === "database" ? DATABASE : HTTP)[fault.what],
    of: faulted(nameOf(fault)),
  })),
  ...Object.entries(OTHERS).map(([name, outcome]) => ({ fault: name, outcome, of: faulted(name) })),
];
