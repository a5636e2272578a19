import { span } from "./screen.mjs";
import { showDelivery } from "./show-event.mjs";
import { attemptsOf, showRun } from "./show-run.mjs";

const URGENT = { file: "issue-urgent", group: "issues", type: "issue_assign" };
/** A killed worker's attempts run again within so long (the promise of the engine). */
const MOST_MS = 10_000;

/** Resolves with the milliseconds from the SIGKILL to the first lost attempt running again. */
export async function killedWorker(stage) {
  const { screen, client, check } = stage;
  screen.title("An urgent issue starts a longer run, and the worker that has it is killed");
  const { decisions } = await showDelivery(stage, URGENT);
  const { run_id } = decisions.find(({ rule }) => rule === "examples.on-urgent");
  check("on-urgent matched the urgent issue", () => run_id !== null);
  check("on-assign did not, since it was assigned to a person", () => {
    const { status, clause } = decisions.find(({ rule }) => rule === "examples.on-assign");
    return status === "not_matched" && clause.includes("assignee");
  });

  let killed;
  const { run, steps } = await showRun(stage, run_id, {
    starts: true,
    onSteps: (now, { created_at }) => {
      const victim = killed === undefined ? victimOf(now) : undefined;
      if (victim === undefined) return;
      process.kill(stage.pidOf(victim), "SIGKILL");
      killed = { worker: victim, at: Date.now() };
      showKill(stage, victim, killed.at - Date.parse(created_at));
    },
  });
  return await judge(stage, { run, steps, killed, client });
}

/** The worker of a part, once two parts are done and two more have begun: in the middle of the run. */
function victimOf(steps) {
  const attempts = attemptsOf(steps.find(({ id }) => id === "parts")).map(({ attempt }) => attempt);
  const running = attempts.filter(({ status }) => status === "running");
  const done = attempts.filter(({ status }) => status === "success");
  return done.length >= 2 ? running[0]?.worker : undefined;
}

function showKill({ screen, nameOf, pidOf }, worker, offsetMs) {
  const { paint } = screen;
  const offset = (offsetMs / 1_000).toFixed(2).padStart(6);
  const what = paint.bad(paint.strong(`kill -9 ${pidOf(worker)}`));
  screen.line(`${paint.faint(`${offset} s`)}  ${what}   that was ${nameOf(worker)}`);
}

/** Reads the ledger of attempts: what was lost, what ran again and where, what was left alone. */
async function judge({ screen, nameOf, check }, { run, steps, killed, client }) {
  const attempts = steps.flatMap(attemptsOf);
  const lost = attempts.filter(({ attempt }) => attempt.status === "lost");
  const again = lost.map(({ name }) =>
    attempts.find((other) => other.name === name && other.attempt.number === 2),
  );
  const backMs = Math.min(...again.map((it) => Date.parse(it?.attempt.started_at))) - killed.at;
  const endMs = Date.parse(run.finished_at) - killed.at;
  check("the run ended well, with all its parts", () => {
    return run.status === "success" && run.output.parts === 6;
  });
  check("the killed worker's attempts are lost", () => {
    return lost.length > 0 && lost.every(({ attempt }) => attempt.worker === killed.worker);
  });
  check("each of them succeeded on the other worker", () => {
    return again.every(
      ({ attempt }) => attempt.status === "success" && attempt.worker !== killed.worker,
    );
  });
  const isOnce = check(
    "nothing else was tried twice",
    () => attempts.length === attemptedOnce(attempts).size + lost.length,
  );
  check("they ran again within 10 s", () => backMs <= MOST_MS);
  const { same } = await client.runs.verify(run.id);
  check("the interpreter decides the same over the recorded history", () => same);
  const what = `${count(lost.length, "attempt")} of ${nameOf(killed.worker)} lost`;
  screen.field("so", `${what}, running again on the other worker ${span(backMs)} after the kill;`);
  screen.field(
    "",
    `the run ended ${span(endMs)} after it${isOnce ? "; what was done was not done again" : ""}`,
  );
  return { lost: lost.length, backMs };
}

function attemptedOnce(attempts) {
  return new Set(attempts.map(({ name }) => name));
}

export function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
