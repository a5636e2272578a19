import { AppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { act, type Host } from "../command.ts";
import { inOptions } from "./in-options.ts";
import { type SaidOptions, saidChange, saidTask, takesSaid, wholeNumber } from "./said.ts";
import { showPreview, showTask } from "./show.ts";

/** The commands whose options say a task. */
export function defineSaid(command: Command, host: Host): void {
  definePreview(command, host);
  defineCreate(command, host);
  defineUpdate(command, host);
}

function definePreview(command: Command, host: Host): void {
  const preview = takesSaid(
    command
      .command("preview")
      .description("say when a task is due next; without a name, one as the options say it")
      .argument("[task]")
      .option("--count <times>", "so many times; 5 without it")
      .option("--matches <time>", "say too whether it is due within a minute of this time"),
  );
  act<SaidOptions & { count?: string; matches?: string }>(preview, host, async (call) => {
    const { args, options, connect, out, io } = call;
    const [name] = args;
    const { count: times, matches: at, json: _, ...said } = options;
    const [extra] = Object.keys(said);
    if (name !== undefined && extra !== undefined)
      throw new AppError(
        "invalid_request",
        "Name a task, or say one by options, not both; of a task that there is, --count and --matches alone are taken",
      );
    const query = { count: wholeNumber("--count", times), at };
    const { tasks } = await connect();
    if (name === undefined) {
      const task = await saidTask("preview", [], call);
      const told = await tasks.previewOf(task, query).catch(inOptions(options));
      return out.value(told, () => showPreview(told, out, io.now(), options.timezone));
    }
    const [told, { timezone }] = await Promise.all([tasks.preview(name, query), tasks.get(name)]);
    out.value(told, () => showPreview(told, out, io.now(), timezone));
  });
}

function defineCreate(command: Command, host: Host): void {
  const create = takesSaid(
    command
      .command("create")
      .description("make a task: a schedule, and what it starts")
      .argument("<title>")
      .argument("[key=value...]", "the input of its runs; texts take ${{ event.data.… }}"),
  );
  act<SaidOptions>(create, host, async (call) => {
    const { args, rest, options, connect, out, io } = call;
    const said = await saidTask(args[0] as string, rest, call);
    const task = await (await connect()).tasks.create(said).catch(inOptions(options));
    out.value(task, () => {
      showTask(task, out, io.now());
      showPreview(task.preview, out, io.now(), task.timezone);
    });
  });
}

function defineUpdate(command: Command, host: Host): void {
  const update = takesSaid(
    command
      .command("update")
      .description("change a task that was made by hand; what is not said stays")
      .argument("<task>")
      .argument("[key=value...]", "the input of its runs from now on, as a whole")
      .option("--title <text>", "its title"),
  );
  act<SaidOptions>(update, host, async (call) => {
    const { args, rest, options, connect, out, io } = call;
    const { tasks } = await connect();
    const is = await tasks.get(args[0] as string);
    const change = await saidChange(is, rest, call);
    const task = await tasks
      .change(is.id, change, { version: is.version })
      .catch(inOptions(options));
    out.value(task, () => showTask(task, out, io.now()));
  });
}
