import { act, type Define } from "../command.ts";
import { runLines } from "../output/run-lines.ts";
import { findRunId } from "../short-id/find-id.ts";

export const define: Define = (command, host) => {
  command.argument("<run>");
  act(command, host, async ({ args, connect, out, io }) => {
    const client = await connect();
    const run = await client.runs.cancel(await findRunId(client, args[0] as string, io.now()));
    out.value(run, () => {
      // Why it has not ended yet; of one that has, its output says nothing new.
      out.lines(...runLines(run, out.paint).all.slice(0, run.reason === null ? 1 : 2));
    });
  });
};
