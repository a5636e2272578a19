import type {
  Explanation,
  ListRuns,
  LogLine,
  Retried,
  RetryPlan,
  RetryRun,
  RetryRuns,
  Run,
  RunFile,
  StartRun,
  Step,
  Verification,
} from "@yardmaster/protocol";
import type { Json } from "@yardmaster/protocol/core";
import type { AwayNotes } from "../transport/away-notes.ts";
import { keyHeader } from "../transport/idempotency-key.ts";
import {
  type Listing,
  listPages,
  type Page,
  type Paging,
  readAll,
  readPage,
} from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";
import { type WaitOptions, waitForEnd } from "./run-end.ts";
import { type FileOptions, readFile } from "./run-files.ts";
import { followLogs } from "./run-logs.ts";
import { outputOf, type ResultOptions } from "./run-result.ts";
import { readSteps } from "./run-steps.ts";

/** The longest that the server holds a start open; more is cut to it. */
export const MAX_HELD_MS = 60_000;

export interface StartOptions extends CallOptions {
  /** Answers with the finished run where it ends within so long, else with the run as it stands then. */
  readonly waitMs?: number | undefined;
  /** The same key again gives the same run, and no second one. A new one unless given. */
  readonly idempotencyKey?: string | undefined;
}

export interface LogOptions extends CallOptions, AwayNotes {
  /** One step, or one item of it (`step#0`). */
  readonly step?: string | undefined;
  /** Goes on with what is written from now on, until the run has ended. */
  readonly follow?: boolean | undefined;
  /** Begins behind the piece with this cursor. */
  readonly after?: string | undefined;
  /** Without `after`: begins so many lines before the end. The first piece says where `older` ones were left out. */
  readonly tail?: number | undefined;
  /** With the lines that agents print for Yardmaster, as they print them. */
  readonly raw?: boolean | undefined;
}

type LogFilter = Pick<LogOptions, "step" | "tail" | "raw">;

export interface RunsClient {
  /** Resolves when the run is durable. */
  start(run: StartRun, options?: StartOptions): Promise<Run>;
  /**
   * Waits for the end of a run, as `wait` does, and resolves with its output; throws RunError where it did not succeed.
   */
  result<Output = Json>(id: string, options?: ResultOptions<Output>): Promise<Output>;
  /** With input, output and error; its steps by themselves. */
  get(id: string, options?: CallOptions): Promise<Run>;
  /** Newest first. */
  list(filter?: Listing<ListRuns>): AsyncGenerator<Run, void, undefined>;
  /** One page of the list, `limit` runs from `cursor` on: for programs that show pages. */
  page(filter?: Paging<ListRuns>): Promise<Page<Run>>;
  /** In the order of the workflow, each with its status, its output and why it waits. */
  steps(id: string, options?: CallOptions): Promise<Step[]>;
  /** All that its steps handed back. */
  files(id: string, options?: CallOptions): Promise<RunFile[]>;
  /** The content of one, in pieces; a broken connection is made again. Compare it with the checksum. */
  readFile(
    id: string,
    file: Pick<RunFile, "sha256" | "bytes">,
    options?: FileOptions,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
  /** What its steps wrote, the oldest piece first. */
  logs(id: string, options?: LogOptions): AsyncGenerator<LogLine, void, undefined>;
  /** Ends what runs of it and starts nothing more; `wait` tells when it is `canceled`. */
  cancel(id: string, options?: CallOptions): Promise<Run>;
  /** A new try of an ended run, which takes over what did not make it fail. */
  retry(id: string, how?: RetryRun, options?: Omit<StartOptions, "waitMs">): Promise<Run>;
  /** What `retry` would do; nothing is done. */
  planRetry(id: string, how?: RetryRun, options?: CallOptions): Promise<RetryPlan>;
  /** New tries of ended runs, by a filter; with `dry_run` it only tells which. */
  retryMany(which: RetryRuns, options?: CallOptions): Promise<Retried>;
  /** Holds a run: what runs goes on, nothing more of it is started. */
  pause(id: string, options?: CallOptions): Promise<Run>;
  /** Lets a paused run go on. */
  resume(id: string, options?: CallOptions): Promise<Run>;
  /** Why it is where it is, and what would unblock it. */
  explain(id: string, options?: CallOptions): Promise<Explanation>;
  /** Decides anew, from what is recorded, and says whether the same comes out. */
  verify(id: string, options?: CallOptions): Promise<Verification>;
  /** The run when it has ended, however long that takes: a server that is away is waited for, until `signal` aborts. */
  wait(id: string, options?: WaitOptions): Promise<Run>;
}

export function createRunsClient(transport: Transport): RunsClient {
  const path = (id: string, part = "") => `/v1/runs/${encodeURIComponent(id)}${part}`;
  const read = <T>(id: string, part: string, { signal }: CallOptions = {}) =>
    transport.json<T>({ path: path(id, part), signal });
  const ask = (id: string, part: string, { signal }: CallOptions = {}) =>
    transport.json<Run>({ method: "POST", path: path(id, part), signal });

  return {
    get: (id, options) => read(id, "", options),
    start: (body, options = {}) =>
      transport.json({
        method: "POST",
        path: "/v1/runs",
        body,
        headers: startHeaders(options),
        signal: options.signal,
      }),
    result: async (id, options = {}) => outputOf(await waitForEnd(transport, id, options), options),
    list: (filter = {}) => listPages(transport, "/v1/runs", filter),
    page: ({ signal, ...query } = {}) =>
      readPage(transport, { path: "/v1/runs", query }, { signal }),
    steps: (id, options) => readSteps(transport, path(id, "/steps"), options),
    files: (id, options) => readAll(transport, path(id, "/files"), options),
    readFile: (id, file, options = {}) =>
      readFile(transport, path(id, `/files/${file.sha256}`), file, options),
    cancel: (id, options) => ask(id, "/cancel", options),
    pause: (id, options) => ask(id, "/pause", options),
    resume: (id, options) => ask(id, "/resume", options),
    retry: (id, body = {}, options = {}) =>
      transport.json({
        method: "POST",
        path: path(id, "/retry"),
        body,
        headers: startHeaders(options),
        signal: options.signal,
      }),
    planRetry: (id, how = {}, { signal } = {}) =>
      transport.json({
        method: "POST",
        path: path(id, "/retry"),
        body: { ...how, dry_run: true },
        signal,
      }),
    retryMany: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/runs/retry", body, signal }),
    explain: (id, options) => read(id, "/explain", options),
    verify: (id, options) => read(id, "/verify", options),
    wait: (id, options = {}) => waitForEnd(transport, id, options),
    logs: (id, { follow = false, step, after, tail, raw, signal, onAway, onBack } = {}) =>
      follow
        ? followLogs(transport, path(id), { step, after, tail, raw, signal, onAway, onBack })
        : listPages<LogLine, LogFilter>(
            transport,
            path(id, "/logs"),
            { step, tail, raw, signal },
            after,
          ),
  };
}

function startHeaders({
  waitMs,
  idempotencyKey,
}: StartOptions): Record<string, string | undefined> {
  const held = waitMs === undefined ? undefined : Math.ceil(Math.min(waitMs, MAX_HELD_MS) / 1_000);
  return {
    prefer: held === undefined ? undefined : `wait=${held}`,
    ...keyHeader(idempotencyKey),
  };
}
