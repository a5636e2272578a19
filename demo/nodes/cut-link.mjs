import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { span } from "../screen.mjs";
import { waitUntil } from "./wait-until.mjs";

const TICKS = 9;
const EXIT_CODE = 3;
/** Into a ledger that nobody but the command writes, and to whoever listens. */
const COUNT = `echo begin $$ >> "$0"
for tick in $(seq ${TICKS}); do echo tick $tick; echo tick $tick >> "$0"; sleep 0.3; done
echo end >> "$0"; exit ${EXIT_CODE}`;

/** A call and a job at work over one link, which is cut for a while. Both go on, and neither runs twice. */
export async function cutLink(stage) {
  const { screen, client, check, cable, until, signal } = stage;
  screen.title("Disconnect: a link is cut in the middle of a call and of a job");
  const call = beginCall(stage);
  const job = await beginJob(stage);
  await Promise.all([call.heard(2), job.heard(2)]);
  cable.cut();
  screen.line(screen.paint.bad(screen.paint.strong("✂ the cable to edge is cut")));
  const cut = await until("reconnecting", "edge");
  const { status } = await client.nodes.get("edge", { signal });
  screen.field("edge", `${status}; ${call.state()}`);
  check("its node is reconnecting, not gone", () => status === "reconnecting");
  check("the caller is told", () => call.states().includes("reconnecting"));
  const [ofCall, ofJob] = [call.done(), job.done()];
  await waitUntil(() => call.done() >= ofCall + 2 && job.done() >= ofJob + 2, signal);
  screen.line("Cut off, both go on: their ledgers have grown by two lines each.");
  cable.mend();
  const back = await until("reconnected", "edge");
  screen.field("edge", `back ${span(back.atMs - cut.atMs)} after the cut, over a new link`);
  await judgeCall(stage, call);
  await judgeJob(stage, job);
  return { awayMs: back.atMs - cut.atMs };
}

/** What a command noted in its ledger. */
function ledgerOf({ installation }, name) {
  const path = join(installation.folder, name);
  const lines = () => (existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []);
  const startsWith = (word) => lines().filter((line) => line.startsWith(word));
  return {
    path,
    ticks: () => startsWith("tick").length,
    isOnce: () => startsWith("begin").length === 1 && startsWith("end").length === 1,
  };
}

function beginCall(stage) {
  const { client, signal } = stage;
  const ledger = ledgerOf(stage, "call.ledger");
  const states = [];
  let text = "";
  async function listen() {
    const argv = ["sh", "-c", COUNT, ledger.path];
    for await (const event of client.nodes.stream("edge", { argv }, { signal })) {
      if (event.type === "output") text += Buffer.from(event.data_b64, "base64");
      if (event.type === "state") states.push(event.state);
      if (event.type === "ended") return event;
    }
  }
  const ended = listen();
  return {
    ended,
    ledger,
    done: ledger.ticks,
    heard: (tick) => waitUntil(() => text.includes(`tick ${tick}\n`), signal),
    text: () => text,
    states: () => states,
    state: () => `the call's stream says: ${states.join(", ")}`,
  };
}

async function beginJob(stage) {
  const { client, signal } = stage;
  const ledger = ledgerOf(stage, "job.ledger");
  const input = { node: "edge", ledger: ledger.path, ticks: TICKS };
  const { id } = await client.runs.start({ ref: "across.count", input }, { signal });
  let text = "";
  async function listen() {
    for await (const line of client.runs.logs(id, { follow: true, signal }))
      if (line.stream === "stderr") text += line.text;
  }
  const logged = listen();
  return {
    id,
    ledger,
    logged,
    done: ledger.ticks,
    heard: (tick) => waitUntil(() => text.includes(`tick ${tick}\n`), signal),
    text: () => text,
  };
}

/** Every tick once, in order. */
const WHOLE = Array.from({ length: TICKS }, (_, index) => `tick ${index + 1}\n`).join("");

async function judgeCall({ screen, check }, call) {
  const { exit_code, duration_ms } = await call.ended;
  const ended = `exit code ${exit_code} after ${span(duration_ms)}`;
  screen.field("call", `${ended}; it began once, and all ${TICKS} lines came, none twice`);
  check("the call ended as its command did", () => exit_code === EXIT_CODE);
  check("the command of the call ran exactly once", () => call.ledger.isOnce());
  check("the caller got all of its output, in order, once", () => call.text() === WHOLE);
  check("the caller was told when it was connected again", () => {
    return call.states().join() === "reconnecting,connected";
  });
}

async function judgeJob({ screen, client, check, signal }, job) {
  await job.logged;
  const run = await client.runs.get(job.id, { signal });
  const [{ attempts }] = await client.runs.steps(job.id, { signal });
  const took = span(Date.parse(run.finished_at) - Date.parse(run.created_at));
  screen.field("job", `${run.status} in ${took}, in ${attempts.length} attempt, its logs whole`);
  check(
    "the run ended well, in one attempt",
    () => run.status === "success" && attempts.length === 1,
  );
  check("the process of the job ran exactly once", () => job.ledger.isOnce());
  check("its logs are whole, in order, once", () => job.text() === WHOLE);
}
