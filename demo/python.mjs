import { execFile } from "node:child_process";
import { showRun } from "./show-run.mjs";

export async function python(stage) {
  const { screen, client, check, signal } = stage;
  screen.title("A person asks for a run: POST /v1/runs, with steps in Python");
  if (!(await hasPython())) return stage.skip("no python3 on this machine: this part is left out");
  const { id } = await client.runs.start({ ref: "examples.python" }, { signal });
  const { run } = await showRun(stage, id);
  screen.field("output", JSON.stringify(run.output));
  check("the Python step gave its output to the next", () => {
    return run.output.text === "knock knock knock" && run.output.characters === 17;
  });
}

export function hasPython() {
  return new Promise((resolve) => {
    execFile("python3", ["--version"], (error) => resolve(error === null));
  });
}
