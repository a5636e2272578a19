import { isFinal } from "@yardmaster/protocol/core";
import { act, type Define } from "../command.ts";
import { runLines } from "../output/run-lines.ts";

export const define: Define = (command, host) => {
  command.argument("<run>");
  act(command, host, async ({ args, connect, out }) => {
    const run = await (await connect()).runs.cancel(args[0] as string);
    out.value(run, () => {
      out.lines(runLines(run, out.paint).all[0] as string);
      if (!isFinal(run.status)) out.lines(out.paint.faint("Its processes are being stopped."));
    });
  });
};
