import { randomBytes } from "node:crypto";
import { FOLDERS, INPUT_ACKS, INPUT_FILES, NODE_FLOW, WORK_FILES } from "@yardmaster/protocol/node";
import type { OnOutput } from "./calls/carried.ts";
import { carry } from "./calls/carry.ts";
import { createExec } from "./calls/exec.ts";
import type { ExecFrame } from "./calls/exec-call.ts";
import { createLine } from "./calls/line.ts";
import { createMemory, type Remembered } from "./calls/remembered.ts";
import { createReset } from "./calls/reset.ts";
import { loadTerminals } from "./calls/terminal.ts";
import { baseEnvironment, MARK } from "./environment.ts";
import { createFileCalls } from "./files/file-calls.ts";
import { createFolders } from "./folders.ts";
import { createJobs } from "./jobs/jobs.ts";
import { removeTree } from "./jobs/remove-tree.ts";
import { createOutbox } from "./outbox.ts";
import { createBudget } from "./output/budget.ts";
import { createPipeFolder } from "./pipes/pipe-folder.ts";
import { killMarked } from "./processes/stop.ts";
import { createSessions } from "./shell/sessions.ts";
import { findShell } from "./shell/shell-program.ts";
import { createSpawner } from "./spawner/spawner.ts";
import { takeOver } from "./take-over.ts";
import { within } from "./within.ts";
import type { Work, WorkDeps, WorkFrame, WorkOptions } from "./work.types.ts";

const STORE_MOST_BYTES = 4 * 1024 * 1024 * 1024;
const MAIN_SESSION = "main";

type Handlers = {
  readonly [T in WorkFrame["type"]]: (frame: Extract<WorkFrame, { readonly type: T }>) => void;
};

/** Everything that the node does for its server. One per process and state folder. */
export function createWork(deps: WorkDeps, options: WorkOptions): Work {
  const instance = randomBytes(8).toString("hex");
  const runFolder = takeOver(options.stateFolder, instance, deps);
  const { outbox, ...link } = createOutbox();
  const budget = createBudget(NODE_FLOW.unacknowledgedBytes);
  const base = baseEnvironment(options.environment ?? process.env);
  const env = { ...base, [MARK.node]: instance };
  const pipes = createPipeFolder();
  const spawner = createSpawner({
    env: { [MARK.node]: instance },
    onLost: () =>
      deps.log("warn", "the process that started commands has ended; theirs were killed"),
  });
  const { start } = spawner;
  const program = findShell(base["PATH"] ?? "");
  const folders = createFolders(options.allowedPaths, base);
  const memory = createMemory<Remembered>(() => performance.now());
  let shells = 0;
  let isDraining = false;
  let isOver = false;

  const sessions = createSessions(
    instance,
    {
      pipes,
      program,
      env,
      startFolder: folders.start,
      newShellId: () => {
        shells += 1;
        return `s-${shells}`;
      },
    },
    () => line.look(),
  );
  const line = createLine(options.slots, sessions.isBusy);
  const common = { ...deps, outbox, budget, memory, pipes, start, env, allow: options.allow };
  const exec = createExec({
    ...common,
    line,
    carry: (frame: ExecFrame, onOutput: OnOutput) =>
      carry({ pipes, start, sessions, folders, program, env }, frame, onOutput),
    isDraining: () => isDraining,
    onChange: () => tellReady(),
  });
  const reset = createReset({ ...common, sessions, loseSession: exec.loseSession });
  const files = createFileCalls({
    ...common,
    walls: { allowed: options.allowedPaths, closed: [options.stateFolder] },
  });
  const jobs = createJobs(
    { ...common, isDraining: () => isDraining, onChange: () => tellReady() },
    { ...options, runFolder, storeMostBytes: STORE_MOST_BYTES },
  );

  let isTelling = false;
  let told: number | undefined;
  /** How many jobs more there is room for, on every change of it. */
  const tellReady = (): void => {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      const slots =
        isDraining || !options.allow.jobs ? 0 : Math.max(0, options.slots - jobs.running());
      if (!outbox.has("task") || slots === told) return;
      told = slots;
      outbox.send({ type: "task_ready", slots });
    });
  };

  const warmUp = (): void => {
    if (!options.allow.exec || process.platform === "win32") return;
    sessions.open(MAIN_SESSION)?.warm();
    void pipes.take(1).then(
      ([pipe]) => pipes.giveBack(pipe ?? ""),
      () => {}, // Told by the first call that needs one.
    );
  };

  const handlers: Handlers = {
    exec: exec.exec,
    exec_ack: exec.ack,
    exec_input: exec.input,
    exec_resize: exec.resize,
    cancel: exec.cancel,
    reset,
    read: files.read,
    write: files.write,
    task_offer: jobs.offer,
    task_file: jobs.file,
    task_renewed: jobs.renewed,
    task_lost: jobs.lost,
    task_log_ack: jobs.logAck,
    task_cancel: jobs.cancel,
    task_fetch: jobs.fetch,
    task_done: jobs.done,
  };

  /** Nobody will ask for them. */
  const orphan = (call: Remembered): void => {
    if (options.orphans === "kill" || call.state() === "finished") call.discard();
    else call.mute();
  };

  return {
    handle: (frame) => (handlers[frame.type] as (frame: WorkFrame) => void)(frame),
    linkUp(given, before) {
      link.linkUp(given);
      isDraining = isOver;
      told = undefined;
      const decided = new Map(before === "fresh" ? [] : before.calls.map((one) => [one.id, one]));
      for (const call of memory.all()) {
        const decision = decided.get(call.id);
        if (decision?.action === "continue") call.goOn(decision.from_seq);
        else if (before === "fresh") orphan(call);
        else call.discard();
      }
      jobs.linkUp(before === "fresh" ? "fresh" : before.leases);
      tellReady();
      warmUp();
    },
    linkDown() {
      link.linkDown();
      for (const call of memory.all()) call.hold();
      jobs.linkDown();
    },
    calls: memory.list,
    features: () => [
      ...(typeof loadTerminals() === "function" ? ["pty"] : []),
      WORK_FILES,
      INPUT_ACKS,
      INPUT_FILES,
      FOLDERS,
    ],
    leases: jobs.leases,
    load: () => ({
      calls: line.running() + files.running(),
      jobs: jobs.running(),
      slots: options.slots,
    }),
    async drain(mostMs) {
      isDraining = true;
      tellReady();
      await within(Promise.all([exec.ended(), jobs.ended(), files.ended()]), mostMs);
    },
    abandon() {
      for (const call of memory.all()) orphan(call);
      jobs.abandon();
    },
    async killAll() {
      isDraining = true;
      isOver = true;
      exec.stopAll();
      jobs.stopAll();
      await Promise.all([exec.ended(), jobs.ended()]);
      await jobs.freed();
      sessions.closeAll();
      spawner.close();
      await killMarked(MARK.node, instance);
      pipes.close();
      await removeTree(runFolder);
    },
  };
}
