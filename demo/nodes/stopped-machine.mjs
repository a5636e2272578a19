import { span } from "../screen.mjs";
import { showRun } from "../show-run.mjs";
import { failureOf } from "./execute.mjs";

/** What the issue of an offline call asks: an answer within a second. */
const MOST_MS = 1_000;

/** A machine that is off: calls say so at once, and what can wait waits, and says for what. */
export async function stoppedMachine(stage) {
  const { screen, client, check, machines, until, yard, signal } = stage;
  const { lab } = machines;
  screen.title("Disconnect: a machine is stopped, and a run waits for it");
  process.kill(lab.program.pid, "SIGTERM");
  await until("disconnected", "lab");
  const { code: ending } = await lab.program.ended;
  screen.line("lab is stopped, as its service manager would stop it; it says goodbye and ends.");
  check("a machine stops in order", () => ending === 0);
  const offline = await yard.show(["node", "exec", "lab", "--", "true"]);
  check("a call says that the node is offline, and what to do", () => {
    return offline.code === 6 && /lab .*(start|yard node)/s.test(offline.stderr);
  });
  const started = performance.now();
  const { code } = await failureOf(client.nodes.exec("lab", { argv: ["true"] }, { signal }));
  const offlineMs = performance.now() - started;
  screen.field("API", `${code}, answered in ${span(offlineMs)}`);
  check(
    "an offline call is answered at once",
    () => code === "node_offline" && offlineMs < MOST_MS,
  );
  await waits(stage, lab);
  return { offlineMs };
}

async function waits(stage, lab) {
  const { screen, client, check, until, signal } = stage;
  screen.line("A run can wait for it:");
  const { id } = await client.runs.start({ ref: "across.ready", input: {} }, { signal });
  const { summary, chain } = await client.runs.explain(id, { signal });
  screen.field("explain", ` ${summary}; ${chain.at(-1)}`);
  check("explain names the node that it waits for", () => {
    return chain.some((sentence) => sentence.startsWith("node lab is disconnected"));
  });
  await lab.start();
  await until("connected", "lab");
  screen.field("lab", "started again");
  const { run } = await showRun(stage, id);
  check("the run goes on when its node is back", () => run.status === "success");
}
