import type {
  CancelAnswer,
  CancelTask,
  ChangeTask,
  CreatedTask,
  CreateTask,
  ListTasks,
  PauseAnswer,
  PauseTask,
  PreviewTask,
  ResumeAnswer,
  Run,
  RunNow,
  RunNowAnswer,
  SnoozeAnswer,
  SnoozeTask,
  Task,
  TaskExplanation,
  TaskPreview,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface ChangeTaskOptions extends CallOptions {
  /** The change is made only where the task still has this version. */
  readonly version?: number | undefined;
}

export interface TasksClient {
  /** Newest first: those of packs, and those that people have made. */
  list(filter?: Listing<ListTasks>): AsyncGenerator<Task, void, undefined>;
  /** By its id, or by the name of one that a pack defines; so everywhere. */
  get(task: string, options?: CallOptions): Promise<Task>;
  /** With its next times. */
  create(task: CreateTask, options?: CallOptions): Promise<CreatedTask>;
  /** What is left out stays. */
  change(task: string, change: ChangeTask, options?: ChangeTaskOptions): Promise<Task>;
  /** Says all of it anew. */
  replace(task: string, said: CreateTask, options?: ChangeTaskOptions): Promise<Task>;
  /** What it has started stays. */
  remove(task: string, options?: CallOptions): Promise<void>;
  /** The runs that it has started, newest first. */
  runs(task: string, filter?: Listing<object>): AsyncGenerator<Run, void, undefined>;
  /** Has it run beside its schedule. */
  runNow(task: string, request?: RunNow, options?: CallOptions): Promise<RunNowAnswer>;
  /** Puts off its next fire; those behind it stay. */
  snooze(task: string, to: SnoozeTask, options?: CallOptions): Promise<SnoozeAnswer>;
  /** It is due at no time until it is resumed, or until a time. */
  pause(task: string, request?: PauseTask, options?: CallOptions): Promise<PauseAnswer>;
  /** Lets it go on, by its schedule from now on. */
  resume(task: string, options?: CallOptions): Promise<ResumeAnswer>;
  /** Ends it for good. */
  cancel(task: string, request?: CancelTask, options?: CallOptions): Promise<CancelAnswer>;
  /** When it is due next, and what its run would be given. */
  preview(task: string, query?: PreviewTask, options?: CallOptions): Promise<TaskPreview>;
  /** The same of a task that is not made. */
  previewOf(task: CreateTask, query?: PreviewTask, options?: CallOptions): Promise<TaskPreview>;
  /** When it is due and why not, and what would change that. */
  explain(task: string, options?: CallOptions): Promise<TaskExplanation>;
}

export function createTasksClient(transport: Transport): TasksClient {
  const path = (task: string, part = "") => `/v1/tasks/${encodeURIComponent(task)}${part}`;
  const told = <Answer>(
    task: string,
    verb: string,
    body: object | undefined,
    { signal }: CallOptions,
  ): Promise<Answer> =>
    transport.json({ method: "POST", path: path(task, `/${verb}`), body, signal });
  const matching = (version: number | undefined) =>
    version === undefined ? {} : { headers: { "if-match": `"${version}"` } };

  return {
    list: (filter = {}) => listPages(transport, "/v1/tasks", filter),
    get: (task, { signal } = {}) => transport.json({ path: path(task), signal }),
    create: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/tasks", body, signal }),
    change: (task, body, { version, signal } = {}) =>
      transport.json({ method: "PATCH", path: path(task), body, signal, ...matching(version) }),
    replace: (task, body, { version, signal } = {}) =>
      transport.json({ method: "PUT", path: path(task), body, signal, ...matching(version) }),
    remove: (task, { signal } = {}) =>
      transport.json({ method: "DELETE", path: path(task), signal }),
    runs: (task, filter = {}) => listPages(transport, path(task, "/runs"), filter),
    runNow: (task, request = {}, options = {}) => told(task, "run_now", request, options),
    snooze: (task, to, options = {}) => told(task, "snooze", to, options),
    pause: (task, request = {}, options = {}) => told(task, "pause", request, options),
    resume: (task, options = {}) => told(task, "resume", undefined, options),
    cancel: (task, request = {}, options = {}) => told(task, "cancel", request, options),
    preview: (task, query = {}, { signal } = {}) =>
      transport.json({ path: path(task, "/preview"), query: { ...query }, signal }),
    previewOf: (body, query = {}, { signal } = {}) =>
      transport.json({
        method: "POST",
        path: "/v1/tasks/preview",
        body,
        query: { ...query },
        signal,
      }),
    explain: (task, { signal } = {}) => transport.json({ path: path(task, "/explain"), signal }),
  };
}
