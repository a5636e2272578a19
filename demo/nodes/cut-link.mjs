import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { span } from "../screen.mjs";
import { waitUntil } from "./wait-until.mjs";

const EXIT_CODE = 3;
/** Into a ledger that nobody but the command writes, and to whoever listens, until it is told that it is enough. */
const COUNT = `echo begin $$ >> "$0"; tick=0
until [ -e "$0.enough" ]; do tick=$((tick + 1)); echo tick $tick; echo tick $tick >> "$0"; sleep 0.2; done
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
  await waitUntil(() => call.states.length > 0, signal);
  screen.field("edge", `${status}; the call's stream says: ${call.states.join(", ")}`);
  check("its node is reconnecting, not gone", () => status === "reconnecting");
  check("the caller is told", () => call.states.join() === "reconnecting");
  await Promise.all([call.ledger.grows(2), job.ledger.grows(2)]);
  screen.line("Cut off, both go on: their ledgers have grown by two lines each.");
  cable.mend();
  const back = await until("reconnected", "edge");
  screen.field("edge", `back ${span(back.atMs - cut.atMs)} after the cut, over a new link`);
  call.ledger.enough();
  job.ledger.enough();
  await judgeCall(stage, call);
  await judgeJob(stage, job);
  return { awayMs: back.atMs - cut.atMs };
}

/** What a command noted in its ledger. */
function ledgerOf({ installation, signal }, name) {
  const path = join(installation.folder, name);
  const lines = () => (existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []);
  const startsWith = (word) => lines().filter((line) => line.startsWith(word));
  return {
    path,
    ticks: () => startsWith("tick"),
    isOnce: () => startsWith("begin").length === 1 && startsWith("end").length === 1,
    grows: (count) => {
      const before = startsWith("tick").length;
      return waitUntil(() => startsWith("tick").length >= before + count, signal);
    },
    enough: () => writeFileSync(`${path}.enough`, ""),
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
  return {
    ended: listen(),
    ledger,
    states,
    heard: (tick) => waitUntil(() => text.includes(`tick ${tick}\n`), signal),
    text: () => text,
  };
}

async function beginJob(stage) {
  const { client, signal } = stage;
  const ledger = ledgerOf(stage, "job.ledger");
  const input = { node: "edge", ledger: ledger.path };
  const { id } = await client.runs.start({ ref: "across.count", input }, { signal });
  let text = "";
  async function listen() {
    for await (const line of client.runs.logs(id, { follow: true, signal }))
      if (line.stream === "stderr") text += line.text;
  }
  return {
    id,
    ledger,
    logged: listen(),
    heard: (tick) => waitUntil(() => text.includes(`tick ${tick}\n`), signal),
    text: () => text,
  };
}

async function judgeCall({ screen, check }, { ended, ledger, states, text }) {
  const { exit_code, duration_ms } = await ended;
  const lines = ledger.ticks();
  const what = `exit code ${exit_code} after ${span(duration_ms)}`;
  screen.field("call", `${what}; it began once, and all ${lines.length} lines came, none twice`);
  check("the call ended as its command did", () => exit_code === EXIT_CODE);
  check("the command of the call ran exactly once", () => ledger.isOnce());
  check("the caller got all of its output, in order, once", () => text() === textOf(lines));
  check("the caller was told when it was connected again", () => {
    return states.join() === "reconnecting,connected";
  });
}

async function judgeJob({ screen, client, check, signal }, { id, logged, ledger, text }) {
  await logged;
  const run = await client.runs.get(id, { signal });
  const [{ attempts }] = await client.runs.steps(id, { signal });
  const took = span(Date.parse(run.finished_at) - Date.parse(run.created_at));
  screen.field("job", `${run.status} in ${took}, in ${attempts.length} attempt, its logs whole`);
  check("the run ended well, in one attempt", () => {
    return run.status === "success" && attempts.length === 1;
  });
  check("the process of the job ran exactly once", () => ledger.isOnce());
  check("its logs are whole, in order, once", () => text() === textOf(ledger.ticks()));
}

function textOf(lines) {
  return lines.map((line) => `${line}\n`).join("");
}
