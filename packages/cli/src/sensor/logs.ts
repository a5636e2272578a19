import type { SensorLogLine } from "@yardmaster/protocol";
import type { Command } from "commander";
import { act, type Host } from "../command.ts";
import { positiveInteger } from "../commands/limit-option.ts";
import type { Paint } from "../output/paint.ts";
import { printableOutput } from "../output/printable.ts";
import { tellAway, tellBack } from "../watch/server-away.ts";

interface LogOptions {
  readonly follow?: true;
  readonly tail?: number;
}

export function defineLogs(command: Command, host: Host): void {
  const logs = command
    .command("logs")
    .description("print what a sensor wrote on stderr, and which of its lines were refused and why")
    .argument("<sensor>")
    .option("-f, --follow", "go on with what is written, until Ctrl-C")
    .option("--tail <n>", "only its last lines, and with --follow what comes", positiveInteger);
  act<LogOptions>(
    logs,
    host,
    async ({ args, options: { follow, tail }, connect, interruptible, out, io }) => {
      const client = await connect();
      const release = follow ? io.endWithReader() : () => {};
      const [onAway, onBack] = [() => tellAway(io), () => tellBack(io)];
      await interruptible(async (signal) => {
        const options = { follow, tail, signal, onAway, onBack };
        let isFirst = true;
        for await (const line of client.sensors.logs(args[0] as string, options)) {
          if (isFirst && tail === undefined && line.seq > FIRST_SEQ)
            io.stderr.write(`${out.paint.faint(OLDER_GONE)}\n`);
          isFirst = false;
          out.value(line, () => out.lines(lineText(line, io.stdout.isTTY === true, out.paint)));
        }
      }).finally(release);
    },
  );
}

const FIRST_SEQ = 1;
const OLDER_GONE =
  "Older lines are gone: they are kept for a while (YARD_KEEP_LOGS), and at most 4 MiB of a sensor.";

/** With its time: days lie between lines of a process that never ends. */
function lineText({ at, stream, text }: SensorLogLine, isTerminal: boolean, paint: Paint): string {
  const safe = isTerminal ? printableOutput(text) : text;
  return `${paint.faint(at)} ${stream === "yard" ? paint.held(`[yard] ${safe}`) : safe}`;
}
