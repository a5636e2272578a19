import { hasPython } from "../python.mjs";
import { showRun } from "../show-run.mjs";

const WORDS = ["knock", "knock", "knock"];

/** Three steps on three machines. The second waits until one of them is what it asks for, and uses a file of the first. */
export async function workflow(stage) {
  const { screen, client, check, signal } = stage;
  screen.title("Execute: a workflow across the machines, whose code travels to them");
  const python = await hasPython();
  if (!python) stage.skip("no python3 on this machine: the third step is left out");
  const input = { words: WORDS, reporter: "edge", python };
  const { id } = await client.runs.start({ ref: "across.release", input }, { signal });
  let isAsked = false;
  const { run, steps } = await showRun(stage, id, {
    onSteps: async (now) => {
      if (isAsked || statusOf(now, "build") !== "success") return;
      isAsked = true;
      await explained(stage, id);
      await client.nodes.change("lab", { labels: { gpu: "a100" } }, { signal });
      screen.line("So lab is given the label gpu=a100, and the run goes on by itself.");
    },
  });
  screen.field("output", JSON.stringify(run.output));
  check("the run ended well, with what all its steps made", () => {
    return run.status === "success" && run.output.characters === WORDS.join("-").length;
  });
  check("each step was tried once", () => steps.every((step) => step.attempts.length <= 1));
  const where = await placesOf(stage, id);
  check("each was carried out by the node that it asked for", () => {
    const { build, measure, report } = where;
    return build === "forge" && measure === "lab" && (!python || report === "edge");
  });
  await handedOn(stage, id, steps);
  check("the step in Python had what the others made", () => {
    return !python || outputOf(steps, "report").text === "knock-knock-knock has 17 characters";
  });
  await logged(stage, id);
}

function statusOf(steps, id) {
  return steps.find((step) => step.id === id)?.status;
}

function outputOf(steps, id) {
  return steps.find((step) => step.id === id).output;
}

async function explained({ screen, check, yard }, id) {
  screen.line("The next step asks for a node with a label that none has:");
  const { stdout } = await yard.show(["explain", id]);
  check("explain says what it waits for, and what would move it", () => {
    return stdout.includes("label gpu") && stdout.includes("yard node label");
  });
}

async function handedOn({ screen, client, check, signal }, id, steps) {
  const [file] = await client.runs.files(id, { signal });
  const sum = `sha256 ${file.sha256.slice(0, 12)}…`;
  screen.field("file", `${file.path}, ${file.bytes} bytes, ${sum}: made on forge, measured on lab`);
  check("the file that forge handed back was the same on lab", () => {
    return file.step === "build" && outputOf(steps, "measure").sha256 === file.sha256;
  });
}

/** Which node had which step: the audit knows. */
async function placesOf({ client }, run) {
  const jobs = client.audit.list({ actor: `run:${run}`, action: "node.job" });
  const places = {};
  for await (const { node, details } of jobs) places[details.step] = node;
  return places;
}

async function logged({ client, check, signal }, id) {
  const texts = [];
  for await (const { text } of client.runs.logs(id, { signal })) texts.push(text);
  check("what they wrote is in the run's logs", () => {
    return texts.some((text) => text.includes("building of 3 words"));
  });
}
