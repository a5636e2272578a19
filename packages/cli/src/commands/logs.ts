import { act, type Define } from "../command.ts";
import { createLogPrinter } from "../output/log-printer.ts";

interface LogOptions {
  readonly follow?: true;
  readonly step?: string;
}

export const define: Define = (command, host) => {
  command
    .argument("<run>")
    .option("-f, --follow", "go on with what is written until the run has ended")
    .option("--step <step>", "only this step, or with #0 one of its items");
  act<LogOptions>(
    command,
    host,
    async ({ args, options: { follow, step }, connect, interruptible, out, io }) => {
      const client = await connect();
      const isTerminal = io.stdout.isTTY === true;
      const look = { isTerminal, paint: out.paint, isBare: step !== undefined };
      const printer = createLogPrinter((line) => out.lines(line), look);
      await interruptible(async (signal) => {
        for await (const piece of client.runs.logs(args[0] as string, { follow, step, signal })) {
          out.value(piece, () => printer.add(piece));
        }
      }).finally(printer.flush);
    },
  );
};
