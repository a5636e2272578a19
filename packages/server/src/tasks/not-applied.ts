import type { FieldError, TaskFields } from "@yardmaster/protocol";

const AT_STEPS = "write it at the steps of the workflow";
const QUEUE = "write a queue with a limit, and `queue` at the steps of the workflow";

/** What tasks of other systems have, and where the same is said here. */
const ELSEWHERE: { readonly [name: string]: string } = {
  priority: `${AT_STEPS}: priority: 1 to 9`,
  max_retries: `${AT_STEPS}: retry: { attempts: 3 }`,
  backoff_strategy: `${AT_STEPS}: retry: { backoff: exponential }`,
  backoff_base_seconds: `${AT_STEPS}: retry: { delay: 1s }`,
  backoff_max_seconds: `${AT_STEPS}: retry: { max_delay: 1m }`,
  timeout_seconds: "write `timeout` in the workflow",
  concurrency_key: QUEUE,
  concurrency_limit: QUEUE,
  on_conflict: QUEUE,
  dedupe_key: "a task fires once for each of its times",
  dedupe_window_seconds: "a task fires once for each of its times",
  event_filter: "what an event starts is a rule of a pack: `on`, `if` and `run`",
  debounce_seconds: "what an event starts is a rule of a pack",
  condition: "write it as `if` of the workflow's first step",
};

const READ_ONLY = [
  ...["id", "ref", "status", "status_by", "status_since", "resume_at", "next_run"],
  ...["snoozed_until", "last_run", "last_run_id", "run_count", "missed_count", "failures"],
  ...["last_error", "version", "created_at", "updated_at", "preview"],
];

/** Each field of a body that would have no effect, by its name: what is stored without effect would be a lie. */
export function notApplied(
  body: { readonly [name: string]: unknown },
  known: readonly string[],
): FieldError[] {
  const payload = (body["payload"] ?? {}) as object;
  return [...unknownIn(body, known, ""), ...unknownIn(payload, ["workflow", "input"], "/payload")];
}

const OF_PAYLOAD: { readonly [name: string]: string } = {
  pipeline:
    "steps given inline are not applied yet: put them into a workflow of a pack, and name it in payload.workflow",
  params: "write payload.input",
  options: "write it into the workflow",
};

function unknownIn(body: object, known: readonly string[], path: string): FieldError[] {
  const words = path === "" ? ELSEWHERE : OF_PAYLOAD;
  return Object.keys(body)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = Object.hasOwn(words, name) ? words[name] : undefined;
      const isRead = path === "" && READ_ONLY.includes(name);
      const message = isRead ? `${name} is read only` : `${name} has no effect here`;
      const wayOut = hint ?? (isRead ? "leave it out" : `known are ${known.join(", ")}`);
      return { path: `${path}/${name}`, message, hint: wayOut };
    });
}

/** Fields that say something, and of which the kind of schedule makes nothing. */
export function withoutEffect(said: TaskFields): FieldError[] {
  const { schedule_kind: kind } = said;
  const isByTime = kind === "interval" || kind === "manual";
  const wrong = {
    allow_past: said.allow_past && kind !== "once",
    dst_gap: said.dst_gap !== "shift" && isByTime,
    dst_overlap: said.dst_overlap !== "first" && isByTime,
    timezone: said.timezone !== "UTC" && kind === "manual",
    dtstart: said.dtstart !== null && (kind === "once" || kind === "manual"),
    ends_at: said.ends_at !== null && kind === "manual",
  };
  return Object.entries(wrong)
    .filter(([, isWrong]) => isWrong)
    .map(([name]) => ({
      path: `/${name}`,
      message: `${name} has no effect with schedule_kind ${kind}`,
      hint: "leave it out",
    }));
}
