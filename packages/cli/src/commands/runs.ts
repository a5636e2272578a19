import { RUN_STATUSES, type RunStatus } from "@yardmaster/protocol/core";
import { Option } from "commander";
import { act, type Define, defaultList } from "../command.ts";
import { printable } from "../output/printable.ts";
import { runLines } from "../output/run-lines.ts";
import { runShape } from "../output/run-shape.ts";
import { defineFiles } from "../run-files/define.ts";
import { attemptLines } from "../run-tree/attempt-lines.ts";
import { runTreeLines } from "../run-tree/run-tree.ts";
import { findEventId, findRunId } from "../short-id/find-id.ts";
import { showRunLive } from "../watch/show-run.ts";
import { timesOf, withTimes } from "./event-filter.ts";
import { type LimitOption, withLimit } from "./limit-option.ts";
import { noteUnknown, refsOf } from "./unknown-name.ts";

interface ListOptions extends LimitOption {
  readonly status?: RunStatus;
  readonly ref?: string;
  readonly event?: string;
  readonly parent?: string;
  readonly roots?: true;
  readonly trace?: string;
  readonly since?: string;
  readonly until?: string;
}

export const define: Define = (command, host) => {
  const list = withLimit(defaultList(command, "list runs, newest first"))
    .addOption(new Option("--status <status>", "only those").choices(RUN_STATUSES))
    .option("--ref <ref>", "only runs of this action or workflow")
    .option("--event <id>", "only runs that this event started")
    .option("--parent <run>", "only runs that are steps of this one")
    .addOption(new Option("--roots", "only runs that are no steps of others").conflicts("parent"))
    .option("--trace <id>", "only runs of this W3C trace");
  withTimes(list, "started");
  act<ListOptions>(list, host, async ({ connect, out, io, options }) => {
    const { json: _, since, until, roots, event, parent, ...filter } = options;
    const client = await connect();
    const runs = client.runs.list({
      ...filter,
      ...(event && { event: await findEventId(client, event, io.now()) }),
      ...(parent && { parent: await findRunId(client, parent, io.now()) }),
      ...(roots && { roots: "true" }),
      ...(out.isJson ? {} : { payloads: "false" }),
      ...timesOf({ since, until }, io.now()),
    });
    if ((await out.list(runs, runShape(io.now(), out.paint))) > 0) return;
    const what = "action or workflow";
    await noteUnknown(io, [{ what, given: filter.ref, names: () => refsOf(client) }]);
  });

  const show = command.command("show").description("show a run and its steps").argument("<run>");
  show
    .option(
      "--attempts",
      "with each attempt of its steps: where it was, its process, how long it took",
    )
    .addOption(new Option("--watch", "go on until it has ended").conflicts("attempts"));
  act<{ watch?: true; attempts?: true }>(show, host, async (call) => {
    const client = await call.connect();
    const id = await findRunId(client, call.args[0] as string, call.io.now());
    if (call.options.watch) return await showRunLive(call, id);
    const [run, steps] = await Promise.all([client.runs.get(id), client.runs.steps(id)]);
    const { out, io } = call;
    out.value({ ...run, steps }, () => {
      const width = out.width ?? Number.POSITIVE_INFINITY;
      const tree = runTreeLines(run, steps, io.now(), { width, paint: out.paint });
      // The error of a run is its step's as a rule, and names the step then.
      const told = new Set(tree.map((line) => line.trim()));
      const rest = runLines(run, out.paint).all.slice(1);
      const isTold = (line: string) =>
        [line, line.replace(/: step "[^"]*": /, ": ")].some((each) => told.has(each.trim()));
      out.lines(...tree, ...rest.filter((line) => !isTold(line)));
      if (call.options.attempts) out.lines(...attemptLines(steps));
    });
    return undefined;
  });

  defineFiles(command, host);
  hold(command, host, "pause", "hold a run: what runs goes on, nothing more is started");
  hold(command, host, "resume", "let a paused run go on");
};

function hold(
  ...[command, host, word, summary]: [...Parameters<Define>, "pause" | "resume", string]
) {
  const sub = command.command(word).description(summary).argument("<run>");
  act(sub, host, async ({ args, connect, out, io }) => {
    const client = await connect();
    const run = await client.runs[word](await findRunId(client, args[0] as string, io.now()));
    out.value(run, () => {
      out.lines(runLines(run, out.paint).all[0] as string);
      if (run.reason !== null) out.lines(out.paint.faint(printable(run.reason)));
    });
  });
}
