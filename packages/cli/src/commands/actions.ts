import { inputSummary } from "@yardmaster/protocol/core";
import { act, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { showCallable } from "./callables.ts";

export const define: Define = (command, host) => {
  const list = defaultList(command, "list actions, with their inputs; * marks what must be given");
  list.option("--pack <pack>", "only of this pack");
  act<{ pack?: string }>(list, host, async ({ connect, out, options: { pack } }) => {
    await out.list((await connect()).actions.list({ pack }), {
      headings: ["ACTION", "RUNNER", "INPUT", "ABOUT"],
      row: (action) => [
        action.ref,
        action.runner,
        printable(inputSummary(action.input_schema)),
        printable(action.description ?? ""),
      ],
      empty: "No actions.",
    });
  });

  const show = command
    .command("show")
    .description("show an action with its schemas")
    .argument("<ref>");
  act(show, host, async ({ args, connect, out }) => {
    const action = await (await connect()).actions.get(args[0] as string);
    const { runner, pack, timeout, attempts, queue, input_schema, output_schema } = action;
    out.value(action, () =>
      showCallable(out, {
        ...action,
        facts: [
          `runner    ${runner}`,
          `pack      ${pack}`,
          `timeout   ${timeout}`,
          `attempts  ${attempts}`,
          ...(queue === null ? [] : [`queue     ${queue}`]),
        ],
        schemas: [
          ["input", input_schema],
          ...(output_schema === null ? [] : [["output", output_schema] as const]),
        ],
      }),
    );
  });
};
