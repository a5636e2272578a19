import type { Workflow } from "@yardmaster/protocol";
import { inputSummary } from "@yardmaster/protocol/core";
import { act, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { showCallable } from "./callables.ts";

export const define: Define = (command, host) => {
  const list = defaultList(
    command,
    "list workflows, with their inputs; * marks what must be given",
  );
  list.option("--pack <pack>", "only of this pack");
  act<{ pack?: string }>(list, host, async ({ connect, out, options: { pack } }) => {
    await out.list((await connect()).workflows.list({ pack }), {
      headings: ["WORKFLOW", "STEPS", "INPUT", "ABOUT"],
      row: (workflow) => [
        workflow.ref,
        String(workflow.steps.length),
        printable(inputSummary(workflow.input_schema)),
        printable(workflow.description ?? ""),
      ],
      empty: "No workflows. A pack defines them in workflows/*.yaml.",
    });
  });

  const show = command
    .command("show")
    .description("show a workflow with its steps and its input's schema")
    .argument("<ref>");
  act(show, host, async ({ args, connect, out }) => {
    const workflow = await (await connect()).workflows.get(args[0] as string);
    out.value(workflow, () =>
      showCallable(out, {
        ...workflow,
        facts: [`pack  ${workflow.pack}`, ...workflow.steps.map(stepLine)],
        schemas: [["input", workflow.input_schema]],
      }),
    );
  });
};

function stepLine({ id, uses, needs }: Workflow["steps"][number]): string {
  const after = needs.length === 0 ? "" : `, after ${needs.join(", ")}`;
  return `step  ${printable(id)}  ${printable(uses)}${printable(after)}`;
}
