import { act, type Define } from "../command.ts";
import { runLines } from "../output/run-lines.ts";

export const define: Define = (command, host) => {
  command.argument("<run>");
  act(command, host, async ({ args, connect, out }) => {
    const run = await (await connect()).runs.cancel(args[0] as string);
    out.value(run, () => {
      // Why it has not ended yet; of one that has, its output says nothing new.
      out.lines(...runLines(run, out.paint).all.slice(0, run.reason === null ? 1 : 2));
    });
  });
};
