import { STEP_FILE_LIMITS, type StepFile, type WorkError } from "@yardmaster/protocol";
import {
  type CollectedFile,
  NODE_LIMITS,
  type NodeFrames,
  type OutgoingServerFrames,
} from "@yardmaster/protocol/node";
import { type AttemptFiles, type ContentSink, listedFlaw } from "../../runners/index.ts";

type FileData = NodeFrames["task_file_data"];

export interface FetchBackDeps {
  readonly leaseId: string;
  readonly files: AttemptFiles;
  /** Rejects where the link is down, or takes nothing now. */
  readonly send: (frame: OutgoingServerFrames["task_fetch"]) => Promise<void>;
  readonly isLinked: () => boolean;
  /** Once. */
  readonly onEnd: (handed: readonly StepFile[] | WorkError) => void;
}

/** What a link that is too busy is asked again after. */
const AGAIN_MS = 1_000;

/**
 * Fetches what a job hands back, a file after the other and a piece at a time: nothing of it is believed. The node is
 * asked for a range, and what it says else is not looked at; what it sends beyond what it had listed ends the job, and
 * so does another checksum. After a cut link the range that was asked for last is asked for again.
 */
export function createFetchBack(deps: FetchBackDeps, listed: readonly CollectedFile[]) {
  const handed: StepFile[] = [];
  let sink: ContentSink | undefined;
  let offset = 0;
  let isBusy = false;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  const current = (): CollectedFile | undefined => listed[handed.length];

  function end(how: readonly StepFile[] | WorkError): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    drop();
    deps.onEnd(how);
  }

  function drop(): void {
    // What stays where the store is out of reach goes with the next retention.
    sink?.drop().catch(() => undefined);
    sink = undefined;
  }

  function fail(file: CollectedFile, code: "io_error" | "hash_mismatch", what: string): void {
    const { path, sha256 } = file;
    const message = `${path} could not be brought from the node: ${what}.`;
    end({ code, message, details: { path, sha256 } });
  }

  function ask(): void {
    const file = current();
    if (isOver || isBusy || file === undefined) return;
    clearTimeout(timer);
    const length = Math.min(NODE_LIMITS.rangeBytes, Math.max(1, file.bytes - offset));
    const frame = { type: "task_fetch", lease_id: deps.leaseId, path: file.path } as const;
    deps.send({ ...frame, offset, length }).catch(() => {
      // A link that was cut asks again when it is back.
      if (deps.isLinked() && !isOver) timer = setTimeout(ask, AGAIN_MS);
    });
  }

  async function first(): Promise<void> {
    const over = await deps.files.overLimit(listed);
    if (over !== undefined) return end(over);
    await next();
  }

  /** Begins the next file; those that are empty need nothing of the node. Ends with the last. */
  async function next(): Promise<void> {
    if (isOver) return;
    offset = 0;
    const file = current();
    if (file === undefined) return end((await deps.files.overLimit(listed)) ?? handed);
    sink = deps.files.write();
    if (file.bytes === 0) await finish(file, sink);
  }

  async function finish(file: CollectedFile, whole: ContentSink): Promise<void> {
    const isRight = await whole.finish(file.sha256);
    if (isOver) return;
    sink = undefined;
    if (!isRight) return fail(file, "hash_mismatch", "it is not what its checksum says");
    handed.push(stepFileOf(file));
    await next();
  }

  async function take(frame: FileData): Promise<void> {
    const file = current();
    if (file === undefined || sink === undefined) return;
    const { data } = frame;
    if (frame.error !== undefined) return fail(file, "io_error", frame.error_detail ?? frame.error);
    if (data.length === 0)
      return fail(file, "io_error", `it ends after ${offset} of its ${file.bytes} bytes`);
    if (data.length > file.bytes - offset)
      return fail(file, "hash_mismatch", `it has more than the ${file.bytes} bytes that it had`);
    offset += data.length;
    await sink.add(data);
    if (!isOver && offset === file.bytes) await finish(file, sink);
  }

  function isAsked({ path, offset: at }: FileData): boolean {
    return path === current()?.path && at === offset;
  }

  /** One thing at a time: what comes meanwhile was said twice, over two links. */
  async function alone(work: () => Promise<void>): Promise<void> {
    if (isOver || isBusy) return;
    isBusy = true;
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `What the node handed back could not be stored: ${reason}`;
      end({ code: "io_error", message });
    }
    isBusy = false;
    ask();
  }

  return {
    begin: () => void alone(first),
    /** False: it was not asked for. */
    take(frame: FileData): boolean {
      if (isOver || isBusy || !isAsked(frame)) return false;
      void alone(() => take(frame));
      return true;
    },
    /** A link stands again. */
    resume: ask,
    /** Nobody wants them any more. */
    stop(): void {
      isOver = true;
      clearTimeout(timer);
      drop();
    },
  };
}

export type FetchBack = ReturnType<typeof createFetchBack>;

/** Why what a node lists cannot be taken; it says what it likes. */
export function collectedFlaw(
  globs: readonly string[],
  files: readonly CollectedFile[],
): WorkError | undefined {
  if (new Set(files.map(({ path }) => path)).size < files.length)
    return { code: "io_error", message: "The node lists a file twice." };
  return listedFlaw(globs, files);
}

export const COLLECT_LIMITS = {
  files: STEP_FILE_LIMITS.files,
  file_bytes: STEP_FILE_LIMITS.fileBytes,
  bytes: STEP_FILE_LIMITS.attemptBytes,
} as const;

function stepFileOf({ path, bytes, sha256, mode = "0644" }: CollectedFile): StepFile {
  const isExecutable = (Number.parseInt(mode, 8) & 0o100) !== 0;
  return { path, bytes, sha256, mode: isExecutable ? "0755" : "0644" };
}
