import type { Sensor, SensorStatus } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Define, type Host } from "../command.ts";
import { explanationLines } from "../output/explanation.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { defineLogs } from "../sensor/logs.ts";
import { showSensor } from "../sensor/show.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";
import { type StatusOption, withStatus } from "./status-option.ts";

const STATUSES = [
  "starting",
  "running",
  "stopping",
  "backoff",
  "stopped",
] as const satisfies readonly SensorStatus[];

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
  defineLogs(command, host);
  defineExplain(command, host);
  defineForget(command, host);
  for (const [word, description, became] of SWITCHES) {
    const switching = command.command(word).description(description).argument("<sensor>");
    act(switching, host, async ({ args, connect, out }) => {
      const sensor = await (await connect()).sensors[word](args[0] as string);
      const name = out.paint.strong(printable(sensor.ref));
      out.value(sensor, () => out.lines(`${name}  ${became(sensor)}`));
    });
  }
};

/** Its process follows a moment later: what the answer says of that is of the moment before. */
const SWITCHES = [
  [
    "pause",
    "stop a sensor's process, until it is resumed",
    ({ paused_by }: Sensor) => `paused by ${printable(paused_by ?? "somebody else's leave")}`,
  ],
  ["resume", "let a paused sensor go on", () => "goes on"],
  [
    "restart",
    "stop a sensor's process and start it anew, also one that waits for its next start",
    () => "is started anew",
  ],
  [
    "reset",
    "remove a sensor's cursor, and start its process anew without one",
    () => "has no cursor any more, and begins from the start",
  ],
] as const;

function defineList(command: Command, host: Host): void {
  const list = command
    .command("list", { isDefault: true })
    .description("list sensors, whether they run and what they sent, or show one")
    .argument("[sensor]")
    .allowExcessArguments();
  command.addHelpText("after", "\nWithout a command it lists, or shows one: yard sensors [SENSOR]");
  // The name of a sensor has a dot, as no command has.
  list.hook("preAction", () => {
    const [word] = list.args;
    if (word !== undefined && (list.args.length > 1 || !word.includes(".")))
      refuseUnknownCommand(command, word, "`yard sensors` lists their names");
  });
  withStatus(list, STATUSES);
  act<StatusOption<SensorStatus>>(list, host, async (call) => {
    const { args, connect, out, io, options } = call;
    const [ref] = args;
    const { status } = options;
    if (ref !== undefined && status !== undefined)
      throw new AppError("invalid_request", "Give either a sensor or --status, not both");
    const { sensors } = await connect();
    if (ref !== undefined) {
      const sensor = await sensors.get(ref);
      return out.value(sensor, () => showSensor(sensor, out, io.now()));
    }
    await out.list(sensors.list({ status }), {
      headings: ["SENSOR", "STATUS", "STORED", "REFUSED", "FAILURES", "LAST EVENT", "WHY"],
      row: (sensor) => rowOf(sensor, io.now(), out.paint),
      empty:
        status === undefined
          ? "No sensors. A pack defines them in sensors/*.yaml."
          : `No sensor is ${status}.`,
    });
  });
}

function rowOf(sensor: Sensor, nowMs: number, paint: Paint): string[] {
  const { ref, status, stored, refused, failures, last_event_at, reason } = sensor;
  return [
    printable(ref),
    statusWord(status, paint),
    String(stored),
    refused === 0 ? "" : String(refused),
    failures === 0 ? "" : String(failures),
    last_event_at === null ? "" : relativeTime(last_event_at, nowMs),
    printable(reason),
  ];
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a sensor: its process, what it sent, how it ended last, where it is")
    .argument("<sensor>");
  act(show, host, async ({ args, connect, out, io }) => {
    const sensor = await (await connect()).sensors.get(args[0] as string);
    out.value(sensor, () => showSensor(sensor, out, io.now()));
  });
}

function defineExplain(command: Command, host: Host): void {
  const explain = command
    .command("explain")
    .description("say why a sensor runs or does not, and what would change that")
    .argument("<sensor>");
  act(explain, host, async ({ args, connect, out }) => {
    const explanation = await (await connect()).sensors.explain(args[0] as string);
    out.value(explanation, () => out.lines(...explanationLines(explanation, out.paint)));
  });
}

function defineForget(command: Command, host: Host): void {
  const forget = command
    .command("forget")
    .description(
      "remove all that is kept of a sensor that is in no pack any more: its cursor, its log, its pause",
    )
    .argument("<sensor>");
  act(forget, host, async ({ args, connect, out }) => {
    const ref = args[0] as string;
    await (await connect()).sensors.forget(ref);
    out.value({ ref, status: "forgotten" }, () => out.lines(`Forgot ${printable(ref)}.`));
  });
}
