import type { Run } from "@yardmaster/protocol";
import { isFinal } from "@yardmaster/protocol/core";
import { type Call, Interrupted } from "../command.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { createLogPrinter } from "../output/log-printer.ts";
import { escapedJson } from "../output/printable.ts";
import { isRedrawable } from "../output/redrawable.ts";
import { runLines } from "../output/run-lines.ts";
import { changedSteps, type RunView, runChangeLines } from "../run-tree/run-changes.ts";
import { runTreeLines } from "../run-tree/run-tree.ts";
import { createLogTails } from "./log-tails.ts";
import { createLiveBlock } from "./screen.ts";
import { AWAY, tellAway, tellBack } from "./server-away.ts";
import { tellGoesOn } from "./started-run.ts";
import { type RunWatcher, watchRun } from "./watch-run.ts";

type Shown = Pick<Call<object>, "io" | "out" | "connect" | "interruptible">;

interface View extends RunWatcher {
  /** Nothing more comes, whatever became of the run. */
  end(): void;
  /** What is told of a run that has ended. */
  onEnd(run: Run): void;
}

const REDRAW_MS = 125;
const TAIL_LINES = 3;

/**
 * Shows a run until it has ended and returns its exit code. Ctrl-C leaves the run alone, says how to come back to it
 * and how to cancel it, and is thrown on.
 */
export async function showRunLive(call: Shown, runId: string): Promise<number> {
  const client = await call.connect();
  const view = call.out.isJson
    ? jsonView(call)
    : isRedrawable(call.io.stdout, call.io.env)
      ? treeView(call)
      : lineView(call);
  const release = call.io.endWithReader();
  try {
    const run = await call.interruptible((signal) => watchRun(client, runId, view, signal));
    view.end();
    view.onEnd(run);
    return exitCodeOf(run);
  } catch (error) {
    view.end();
    if (error instanceof Interrupted) tellGoesOn(call.io, runId);
    throw error;
  } finally {
    release();
  }
}

/** One JSON value a line: `{"step": …}` and `{"run": …}` when they have changed, `{"log": …}` for each piece of log. */
function jsonView({ io }: Shown): View {
  let before: RunView | undefined;
  const write = (value: object) => io.stdout.write(`${escapedJson(value)}\n`);
  return {
    onView: (view) => {
      for (const step of changedSteps(before, view)) write({ step });
      if (before?.run.status !== view.run.status || before.run.reason !== view.run.reason)
        write({ run: view.run });
      before = view;
    },
    onLog: (log) => write({ log }),
    onLogCut: () => tellLogCut(io, before),
    onAway: () => tellAway(io),
    onBack: () => tellBack(io),
    end: () => {},
    onEnd: () => {},
  };
}

function tellLogCut({ stderr }: Pick<Io, "stderr">, view: RunView | undefined): void {
  stderr.write(`Not all of its log has come; to read it: yard logs ${view?.run.id ?? "RUN"}\n`);
}

function lineView({ io, out }: Shown): View {
  let before: RunView | undefined;
  const logs = createLogPrinter((line) => out.lines(line), { isTerminal: false, paint: out.paint });
  return {
    onView: (view) => {
      out.lines(...runChangeLines(before, view, io.now()));
      before = view;
    },
    onLog: logs.add,
    onLogCut: () => tellLogCut(io, before),
    onAway: () => tellAway(io),
    onBack: () => tellBack(io),
    end: logs.flush,
    onEnd: (run) => out.lines(...runLines(run, out.paint).all),
  };
}

function treeView({ io, out }: Shown): View {
  const block = createLiveBlock(io.stdout);
  const tails = createLogTails(TAIL_LINES);
  let latest: RunView | undefined;
  let notes: readonly string[] = [];
  const draw = () => {
    if (latest === undefined) return;
    const width = io.stdout.columns || 80;
    const rows = io.stdout.rows || 24;
    // The ended tree stays in the scrollback and is drawn whole; a moving one must fit, since it is drawn over.
    const height = isFinal(latest.run.status) ? undefined : rows - 1 - notes.length;
    const look = { width, height, paint: out.paint, tails: tails.byStep };
    block.draw([...runTreeLines(latest.run, latest.steps, io.now(), look), ...notes]);
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    onView: (view) => {
      latest = view;
    },
    onLog: tails.add,
    // It shows the last lines alone.
    onLogCut: () => {},
    onAway: () => {
      notes = [out.paint.faint(AWAY.slice(0, io.stdout.columns || 80))];
    },
    onBack: () => {
      notes = [];
    },
    end: () => {
      clearInterval(timer);
      draw();
    },
    // Why it failed stands in the tree.
    onEnd: (run) => {
      if (run.status === "success") out.lines(...runLines(run, out.paint).output);
    },
  };
}
