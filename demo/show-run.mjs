import { span } from "./screen.mjs";

const FINAL = new Set(["success", "failed", "timed_out", "canceled"]);

/**
 * Shows a run live, one line for each attempt that ends (and, with `starts`, for each that begins), until the run has
 * ended. Resolves with `{ run, steps }`. `onSteps` sees the steps after each change; `stage.learn` before they are shown.
 */
export async function showRun(stage, id, { starts = false, onSteps = () => {} } = {}) {
  const { client, screen, signal } = stage;
  const shown = new Set();
  screen.field("run", `${(await client.runs.get(id)).ref}  ${screen.paint.faint(id)}`);
  for await (const _message of client.stream({ run: id }, { signal })) {
    const run = await client.runs.get(id, { signal });
    const steps = await client.runs.steps(id, { signal });
    await stage.learn?.(run, steps);
    const lines = steps.flatMap((step) => linesOf(step)).filter((line) => starts || !line.isStart);
    for (const line of lines.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)))
      showOnce(stage, run, line, shown);
    if (FINAL.has(run.status)) {
      const took = span(Date.parse(run.finished_at) - Date.parse(run.created_at));
      screen.field("", `${screen.mark(run.status)} the run ended: ${run.status}, in ${took}`);
      return { run, steps };
    }
    await onSteps(steps, run);
  }
}

/** Attempts of a step: `{ name, attempt }`, items of a for_each as `step#index`. */
export function attemptsOf(step) {
  if (step.items === null) return step.attempts.map((attempt) => ({ name: step.id, attempt }));
  return step.items.flatMap((item) =>
    item.attempts.map((attempt) => ({ name: `${step.id}#${item.index}`, attempt })),
  );
}

function linesOf(step) {
  const attempts = attemptsOf(step).flatMap(({ name, attempt }) => linesOfAttempt(name, attempt));
  return attempts.length > 0 || step.items !== null ? attempts : linesWithoutAttempt(step);
}

function linesOfAttempt(name, { number, status, worker, started_at, finished_at }) {
  const about = { name, number, worker };
  const start = { ...about, at: started_at, status: "running", isStart: true };
  if (finished_at === null) return [start];
  const took = span(Date.parse(finished_at) - Date.parse(started_at));
  return [start, { ...about, at: finished_at, status, note: `in ${took}` }];
}

/** Skipped by its condition, or a timer: a row in the database that no worker holds. */
function linesWithoutAttempt({ id, uses, status, started_at, finished_at }) {
  const about = { name: id, number: 1, worker: null };
  if (status === "skipped")
    return [{ ...about, at: finished_at, status, note: "its condition did not hold" }];
  if (uses !== "core.sleep" || started_at === null) return [];
  const wait = {
    ...about,
    at: started_at,
    status: "waiting",
    note: "a timer, held by no worker",
    isStart: true,
  };
  return finished_at === null ? [wait] : [wait, { ...about, at: finished_at, status }];
}

function showOnce({ screen, nameOf }, run, { at, name, number, status, worker, note }, shown) {
  const key = `${name} ${number} ${status}`;
  if (shown.has(key)) return;
  shown.add(key);
  const offset = ((Date.parse(at) - Date.parse(run.created_at)) / 1_000).toFixed(2).padStart(6);
  const who = worker === null ? "" : `on ${nameOf(worker)}`;
  const attempt = number === 1 ? "" : `attempt ${number}`;
  const words = [status, who, attempt, note].filter(Boolean).join(", ");
  screen.line(
    `${screen.paint.faint(`${offset} s`)}  ${screen.mark(status)} ${name.padEnd(9)} ${words}`,
  );
}
