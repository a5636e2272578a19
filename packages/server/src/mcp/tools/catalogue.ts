import type { RouteToolSpec } from "./route-tool.ts";
import { STARTS_WORK } from "./run-tools.ts";
import type { ToolHints } from "./tool.ts";

const READS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const ADDS: ToolHints = { ...READS, readOnlyHint: false, idempotentHint: false };
const CHANGES: ToolHints = { ...READS, readOnlyHint: false };
const ENDS: ToolHints = { ...CHANGES, destructiveHint: true };

const RUN = { id: "The id of the run." };
const TASK = { id: "The id of the task, or the name of one that a pack defines." };
const RUN_FIELDS = [
  ...["id", "ref", "status", "reason", "error", "created_at", "finished_at", "created_by"],
  ...["event_id", "rule", "retry_of", "parent_id"],
];
const TASK_FIELDS = [
  ...["id", "ref", "title", "status", "schedule_kind", "schedule_expr", "timezone", "payload"],
  ...["next_run", "last_run", "last_run_id", "run_count", "missed_count", "last_error"],
];

/** Tools that are routes of the API, in the order in which they are listed. */
export const ROUTE_TOOLS: readonly RouteToolSpec[] = [
  {
    name: "list_actions",
    route: "GET /v1/actions",
    title: "List actions",
    description:
      "Lists the actions that can be run: single steps such as an HTTP request or a script. Gives name (ref) and description of each; get_action shows the input that one takes, start_run runs it.",
    hints: READS,
    words: { pack: "Only those of this pack." },
    pick: ["ref", "pack", "description", "runner"],
  },
  {
    name: "get_action",
    route: "GET /v1/actions/{ref}",
    title: "Show an action",
    description:
      "Shows an action with the JSON Schemas of its input and output, its timeout and its tries. Look here before start_run.",
    hints: READS,
    words: { ref: "Its name, `<pack>.<name>`." },
  },
  {
    name: "list_workflows",
    route: "GET /v1/workflows",
    title: "List workflows",
    description:
      "Lists the workflows that can be run: several steps with conditions, retries and questions to people. Gives name (ref) and description of each; get_workflow shows the input that one takes, start_run runs it.",
    hints: READS,
    words: { pack: "Only those of this pack." },
    pick: ["ref", "pack", "description"],
  },
  {
    name: "get_workflow",
    route: "GET /v1/workflows/{ref}",
    title: "Show a workflow",
    description:
      "Shows a workflow with the JSON Schema of its input and its steps. Look here before start_run.",
    hints: READS,
    words: { ref: "Its name, `<pack>.<name>`." },
  },
  {
    name: "list_runs",
    route: "GET /v1/runs",
    title: "List runs",
    description:
      "Lists runs, newest first, without their input and output; get_run shows those. Filter by status, ref, or the event that started them.",
    hints: READS,
    omit: ["payloads", "id_prefix", "id_suffix"],
    defaults: { payloads: "false" },
    words: { ref: "Only runs of this action or workflow." },
    pick: RUN_FIELDS,
  },
  {
    name: "get_run_steps",
    route: "GET /v1/runs/{id}/steps",
    title: "Show the steps of a run",
    description:
      "Shows what each step of a run did: its status, output, error and attempts, in the order of the workflow.",
    hints: READS,
    words: RUN,
  },
  {
    name: "get_run_logs",
    route: "GET /v1/runs/{id}/logs",
    title: "Read the log of a run",
    description:
      "Shows what the steps of a run wrote: by default the last 100 lines. With step only those of one step; with cursor what comes behind a page.",
    hints: READS,
    omit: ["follow", "raw"],
    defaults: { tail: 100, limit: 100 },
    words: { ...RUN, step: "Only of this step: `build`, or `build#3` for an item of a for_each." },
    pick: ["step", "attempt", "stream", "at", "text", "older"],
  },
  {
    name: "cancel_run",
    route: "POST /v1/runs/{id}/cancel",
    title: "Cancel a run",
    description:
      "Asks a run to stop: its processes are told, its cleanup is done, and it ends as canceled. Gives the run as it is now; get_run with wait_seconds waits for the end.",
    hints: ENDS,
    words: RUN,
  },
  {
    name: "retry_run",
    route: "POST /v1/runs/{id}/retry",
    title: "Try a run again",
    description:
      "Starts a new try of a run that failed, timed out or was canceled: it begins at what made the run fail and takes over the rest, items of a list included, unless from or from_start says otherwise. Gives the new run, which has an id of its own; with dry_run it tells what would be done and does nothing.",
    hints: STARTS_WORK,
    words: { id: "The id of the run that has ended." },
  },
  {
    name: "list_events",
    route: "GET /v1/events",
    title: "List events",
    description:
      "Lists events, newest first: what came by webhooks, schedules, sensors and publish_event. explain with an event's id says what each rule made of it.",
    hints: READS,
    omit: ["id_prefix", "id_suffix", "payloads"],
    pick: ["id", "source", "type", "subject", "time", "received_at", "data"],
  },
  {
    name: "list_rules",
    route: "GET /v1/rules",
    title: "List rules",
    description:
      "Lists the rules that start runs for events: on which type, under which condition, what is run, and how often it matched. explain with a rule's name says why it did not fire.",
    hints: READS,
  },
  {
    name: "list_inquiries",
    route: "GET /v1/inquiries",
    title: "List questions",
    description:
      "Lists the questions that runs ask people, newest first; with status open only those that wait. Each has its prompt and the JSON Schema of its answer; answer_inquiry answers one.",
    hints: READS,
    words: { run: "Only questions of this run." },
    pick: [
      ...["id", "status", "run_id", "ref", "step", "title", "prompt", "schema", "default"],
      ...["assigned_to", "asked_at", "expires_at", "answer", "answered_by", "answered_at"],
    ],
  },
  {
    name: "answer_inquiry",
    route: "POST /v1/inquiries/{id}/answer",
    title: "Answer a question",
    description:
      "Answers a question of a run, which goes on with it; the first answer counts and cannot be taken back. The answer is a map that fits the question's schema. Questions are meant for people: answer only as one of them has told you.",
    hints: { ...ENDS, openWorldHint: true },
    words: { id: "The id of the question." },
  },
  {
    name: "list_tasks",
    route: "GET /v1/tasks",
    title: "List tasks",
    description:
      "Lists tasks, newest first: schedules that start a workflow or an action, with when each is due next and how its last run is called.",
    hints: READS,
    pick: TASK_FIELDS,
  },
  {
    name: "get_task",
    route: "GET /v1/tasks/{id}",
    title: "Show a task",
    description: "Shows a task with all of its schedule and what became of it so far.",
    hints: READS,
    words: TASK,
  },
  {
    name: "preview_schedule",
    route: "POST /v1/tasks/preview",
    title: "Try a schedule out",
    description:
      "Says when a task with this schedule would be due, and what its run would be given, without making it. Use it before create_task.",
    hints: READS,
    omit: ["created_by"],
  },
  {
    name: "create_task",
    route: "POST /v1/tasks",
    title: "Make a task",
    description:
      "Makes a task: a schedule (cron, rrule, once, interval, or manual) that starts the workflow or action of payload with its input. Gives the task with its next times. What is wrong with it is told all at once, by field.",
    hints: ADDS,
    omit: ["created_by"],
  },
  {
    name: "run_task_now",
    route: "POST /v1/tasks/{id}/run_now",
    title: "Run a task now",
    description:
      "Has an active task run at once, beside its schedule, which stays as it is. Gives the run_id; get_run with wait_seconds waits for it.",
    hints: STARTS_WORK,
    words: { ...TASK, reason: "Why, for the audit." },
  },
  {
    name: "pause_task",
    route: "POST /v1/tasks/{id}/pause",
    title: "Pause a task",
    description:
      "Stops a task until resume_task, or until a time. Runs that it has started go on; what would be due meanwhile is not made up for.",
    hints: CHANGES,
    words: TASK,
  },
  {
    name: "resume_task",
    route: "POST /v1/tasks/{id}/resume",
    title: "Resume a task",
    description: "Lets a paused task go on by its schedule. Gives when it is due next.",
    hints: CHANGES,
    words: TASK,
  },
  {
    name: "snooze_task",
    route: "POST /v1/tasks/{id}/snooze",
    title: "Put a task off",
    description:
      "Puts off the next fire of an active task, by delay_seconds or until a time, at most 7 days in all; those behind it stay.",
    hints: ADDS,
    words: { ...TASK, delay_seconds: "Seconds from when it is due.", until: "RFC 3339." },
  },
  {
    name: "cancel_task",
    route: "POST /v1/tasks/{id}/cancel",
    title: "Cancel a task",
    description: "Ends a task for good: it is due never again, and cannot be resumed.",
    hints: ENDS,
    words: TASK,
  },
  {
    name: "list_queues",
    route: "GET /v1/queues",
    title: "List queues",
    description:
      "Lists queues with their limits, what runs and waits in them, and what is admitted next. explain with a queue's name says why it does not move.",
    hints: READS,
  },
  {
    name: "list_nodes",
    route: "GET /v1/nodes",
    title: "List nodes",
    description:
      "Lists the paired machines that runs can be carried out on: whether they are connected, their labels, their load, and what they may do.",
    hints: READS,
    pick: [
      ...["name", "status", "reason", "labels", "operator_labels", "platform", "arch"],
      ...["os_version", "load", "cpu_count", "mem_bytes", "grants", "last_seen_at"],
    ],
  },
];
