import type { Task } from "@yardmaster/protocol";
import { AppError, parseDuration } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Define, type Host } from "../command.ts";
import { explanationLines } from "../output/explanation.ts";
import type { Paint } from "../output/paint.ts";
import { printable } from "../output/printable.ts";
import { runShape } from "../output/run-shape.ts";
import { statusWord } from "../output/status.ts";
import { relativeTime } from "../output/time.ts";
import { defineSaid } from "../task/define-said.ts";
import { scheduleText, showTask, taskName } from "../task/show.ts";
import { refuseUnknownCommand } from "../unknown-command.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";

export const define: Define = (command, host) => {
  defineList(command, host);
  defineShow(command, host);
  defineRuns(command, host);
  defineSaid(command, host);
  defineRunNow(command, host);
  defineSnooze(command, host);
  definePause(command, host);
  defineResume(command, host);
  defineCancel(command, host);
  defineRemove(command, host);
  defineExplain(command, host);
};

function defineList(command: Command, host: Host): void {
  const list = command
    .command("list", { isDefault: true })
    .description("list tasks, when they are due and when they ran last, or show one")
    .argument("[task]")
    .option("--status <status>", "active, paused, completed or canceled")
    .allowExcessArguments();
  command.addHelpText("after", "\nWithout a command it lists, or shows one: yard tasks [TASK]");
  // The name of a task has a dot or is an id, as no command is.
  list.hook("preAction", () => {
    const [word] = list.args;
    if (word !== undefined && (list.args.length > 1 || !/[.\d]/.test(word)))
      refuseUnknownCommand(command, word, "`yard tasks` lists their names");
  });
  act<{ status?: Task["status"] }>(
    list,
    host,
    async ({ args: [name], options, connect, out, io }) => {
      const { tasks } = await connect();
      if (name !== undefined) {
        const task = await tasks.get(name);
        return out.value(task, () => showTask(task, out, io.now()));
      }
      await out.list(tasks.list({ status: options.status }), {
        headings: ["TASK", "STATUS", "SCHEDULE", "NEXT RUN", "LAST RUN", "RUNS", "TITLE"],
        row: (task) => rowOf(task, io.now(), out.paint),
        empty: "No tasks. A pack defines them in tasks/*.yaml, and `yard tasks create` makes one.",
        keepsIds: true,
      });
    },
  );
}

function rowOf(task: Task, nowMs: number, paint: Paint): string[] {
  const at = (time: string | null): string => (time === null ? "" : relativeTime(time, nowMs));
  return [
    printable(taskName(task)),
    statusWord(task.status, paint),
    scheduleText(task),
    at(task.next_run),
    lastRunText(task, at(task.last_run), paint),
    String(task.run_count),
    task.title === task.ref ? "" : printable(task.title),
  ];
}

function lastRunText({ last_run_status: status }: Task, at: string, paint: Paint): string {
  return status === null ? at : `${statusWord(status, paint)} ${at}`;
}

function defineShow(command: Command, host: Host): void {
  const show = command
    .command("show")
    .description("show a task: its schedule, when it is due, what became of it")
    .argument("<task>");
  act(show, host, async ({ args, connect, out, io }) => {
    const task = await (await connect()).tasks.get(args[0] as string);
    out.value(task, () => showTask(task, out, io.now()));
  });
}

function defineRuns(command: Command, host: Host): void {
  const runs = withLimit(
    command
      .command("runs")
      .description("list the runs that a task has started, newest first")
      .argument("<task>"),
  );
  act<LimitOption>(runs, host, async ({ args, options, connect, out, io }) => {
    const started = (await connect()).tasks.runs(args[0] as string, { limit: options.limit });
    await out.list(started, runShape(io.now(), out.paint));
  });
}

function defineRunNow(command: Command, host: Host): void {
  const runNow = command
    .command("run-now")
    .description("have a task run now, beside its schedule")
    .argument("<task>")
    .option("--reason <text>", "for the record");
  act<{ reason?: string }>(runNow, host, async ({ args, options, connect, out }) => {
    const told = await (await connect()).tasks.runNow(args[0] as string, options);
    out.value(told, () => out.lines(printable(told.message)));
  });
}

const MAX_SNOOZE_MS = 7 * 86_400_000;

function defineSnooze(command: Command, host: Host): void {
  const snooze = command
    .command("snooze")
    .description("put off the next run of a task; those behind it stay")
    .argument("<task>")
    .argument("[duration]", "so much later than it is due: 30m")
    .option("--until <time>", "to this time, with its offset")
    .option("--reason <text>", "for the record");
  act<{ until?: string; reason?: string }>(
    snooze,
    host,
    async ({ args, options, connect, out }) => {
      const [name, duration] = args;
      const ms = duration === undefined ? undefined : parseDuration(duration);
      if ((ms === undefined) === (options.until === undefined))
        throw new AppError("invalid_request", "Say by how much, as 30m or 2h, or --until when");
      if (ms !== undefined && ms > MAX_SNOOZE_MS)
        throw new AppError("invalid_request", "A run is put off by 7 days at most, all in all");
      const by = ms === undefined ? {} : { delay_seconds: Math.round(ms / 1_000) };
      const told = await (await connect()).tasks.snooze(name as string, { ...by, ...options });
      out.value(told, () => out.lines(printable(told.message)));
    },
  );
}

function definePause(command: Command, host: Host): void {
  const pause = command
    .command("pause")
    .description("stop a task until it is resumed; what would be due meanwhile is not made up for")
    .argument("<task>")
    .option("--until <time>", "goes on by itself at this time, with its offset");
  act<{ until?: string }>(pause, host, async ({ args, options, connect, out }) => {
    const told = await (await connect()).tasks.pause(args[0] as string, options);
    out.value(told, () => out.lines(printable(told.message)));
  });
}

function defineResume(command: Command, host: Host): void {
  const resume = command
    .command("resume")
    .description("let a paused task go on, by its schedule from now on")
    .argument("<task>");
  act(resume, host, async ({ args, connect, out }) => {
    const told = await (await connect()).tasks.resume(args[0] as string);
    out.value(told, () => out.lines(printable(told.message)));
  });
}

function defineCancel(command: Command, host: Host): void {
  const cancel = command
    .command("cancel")
    .description("end a task for good; its runs that have not begun are canceled")
    .argument("<task>")
    .option("--abort", "cancel its runs that have begun too");
  act<{ abort?: true }>(cancel, host, async ({ args, options, connect, out }) => {
    const running = options.abort === true ? "abort" : "finish";
    const told = await (await connect()).tasks.cancel(args[0] as string, { running });
    out.value(told, () => out.lines(printable(told.message)));
  });
}

function defineRemove(command: Command, host: Host): void {
  const remove = command
    .command("rm")
    .alias("delete")
    .description("delete a task; what it has started stays")
    .argument("<task>");
  act(remove, host, async ({ args, connect, out }) => {
    const id = args[0] as string;
    await (await connect()).tasks.remove(id);
    out.value({ id, status: "deleted" }, () => out.lines(`Deleted ${printable(id)}.`));
  });
}

function defineExplain(command: Command, host: Host): void {
  const explain = command
    .command("explain")
    .description("say when a task is due and why not, and what would change that")
    .argument("<task>");
  act(explain, host, async ({ args, connect, out }) => {
    const explanation = await (await connect()).tasks.explain(args[0] as string);
    out.value(explanation, () => out.lines(...explanationLines(explanation, out.paint)));
  });
}
