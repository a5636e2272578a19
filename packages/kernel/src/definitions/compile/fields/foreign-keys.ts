const SCRIPT =
  "a script is an action: actions/NAME.yaml with `runner: process` and `script`; a step says `uses: PACK.NAME`";
const LIST = "write `for_each` with an expression that gives the list";
/** What starts at a time is a task of its own. */
const CLOCK = "write a task: tasks/NAME.yaml with `schedule: { cron: … }` and `run`";
const NEEDS = "write `needs: [ID]`";
const AT_ONCE = "write `concurrency`: how many items of a for_each are at work at once";
const NODES = "write `on: { labels: [LABEL] }` for a node that has it";
const TRIES = "write `retry: { attempts: 3 }`, the number of tries";
const GO_ON = "write `on_error: continue`";
const MINUTES = "write `timeout` with a unit: 5m";
const ROUNDS = "write `repeat: { until: …, max: 100, delay: 5s }`";

const PROFILE =
  "an agent's profile says it: agents/NAME.yaml, or here `agent: { kind: claude, permissions: edit }`";

const SECRETS =
  "an action declares them: actions/NAME.yaml with `runner: process`, `http` or `mcp`, and `secrets: [NAME]`";

/** Keys that other systems have at such a place, and how the same is said here. */
const FOREIGN: { readonly [what: string]: { readonly [key: string]: string } } = {
  "a step": {
    name: "a step is named by its `id`; a sentence about it is its `description`",
    run: SCRIPT,
    script: SCRIPT,
    command: SCRIPT,
    shell: SCRIPT,
    env: "variables are set by the action (`env`); what differs from step to step is its input (`with`)",
    when: "write `if`",
    loop: LIST,
    strategy: LIST,
    matrix: LIST,
    with_items: LIST,
    with_sequence: LIST,
    parallel: AT_ONCE,
    max_parallel: AT_ONCE,
    "max-parallel": AT_ONCE,
    depends_on: NEEDS,
    dependencies: NEEDS,
    "runs-on": NODES,
    runs_on: NODES,
    node: "write `on: { node: NAME }`",
    labels: NODES,
    retries: TRIES,
    until: ROUNDS,
    while: ROUNDS,
    timeout_minutes: MINUTES,
    "timeout-minutes": MINUTES,
    "continue-on-error": GO_ON,
    continue_on_error: GO_ON,
    ignore_errors: GO_ON,
    allow_failure: GO_ON,
    secrets: SECRETS,
    secret: SECRETS,
  },
  repeat: {
    while: "write `until` with the opposite: the condition that ends it",
    every: "write `delay`: the wait after each round",
    interval: "write `delay`: the wait after each round",
    times: "write `max`: how many rounds at most",
    attempts: "write `max`: how many rounds at most",
    timeout: "write `max` and `delay`; the step's own `timeout` is for each round",
  },
  "a workflow": {
    on: "what starts it is a rule: rules/NAME.yaml with `on` and `run`",
    name: "a workflow is named behind `workflow`: PACK.NAME",
    jobs: "write `steps`: one list, whose `needs` lets steps run side by side",
    env: "write `vars` for values that all steps read",
    tasks: "write `steps`: one list, in their order",
    schedule: CLOCK,
    cron: CLOCK,
    "timeout-minutes": MINUTES,
    timeout_minutes: MINUTES,
    concurrency: "write a queue: queues/NAME.yaml with `concurrency`, and `queue` at its steps",
    queue: "write `queue` at its steps",
    secrets: SECRETS,
  },
  "a rule": {
    secrets: SECRETS,
    name: "a rule is named behind `rule`: PACK.NAME",
    when: "write `if`",
    criteria: "write `if`: one expression over event, with && between its parts",
    trigger: "write `on` with the type of the event",
    event: "write `on` with the type of the event",
    action: "write `run` with the workflow or action, and `with` for its input",
    workflow: "write `run` with the workflow or action, and `with` for its input",
    uses: "write `run` with the workflow or action, and `with` for its input",
    schedule: CLOCK,
    cron: CLOCK,
  },
  "a task": {
    name: "a task is named behind `task`: PACK.NAME",
    cron: "write `schedule: { cron: … }`",
    rrule: "write `schedule: { rrule: … }`",
    every: "write `schedule: { every: … }`",
    interval: "write `schedule: { every: … }`",
    at: "write `schedule: { at: … }`",
    timezone: "write it into `schedule`",
    dtstart: "write it into `schedule`",
    ends_at: "write it into `schedule`",
    on: "what an event starts is a rule: rules/NAME.yaml with `on` and `run`",
    if: "a task runs each time; write the condition as `if` of a step",
    workflow: "write `run` with the workflow or action, and `with` for its input",
    action: "write `run` with the workflow or action, and `with` for its input",
    uses: "write `run` with the workflow or action, and `with` for its input",
    input: "write `with`",
    params: "write `with`",
    payload: "write `run` with the workflow or action, and `with` for its input",
    priority: "write `priority` at the workflow's steps",
    timeout: "write `timeout` in the workflow",
    retry: "write `retry` at the workflow's steps",
    queue: "write `queue` at the workflow's steps",
    misfire_policy: "write `misfire`",
    misfire_grace_seconds: "write `misfire_grace` with a unit: 60s",
    enabled: "a task is on while its pack has it; `yard tasks pause` stops it",
  },
  schedule: {
    interval: "write `every` with a unit: 90s",
    once: "write `at`",
    tz: "write `timezone`",
    zone: "write `timezone`",
    start: "write `dtstart`",
    until: "write `ends_at`",
    end: "write `ends_at`",
  },
  "a queue": {
    name: "a queue is named behind `queue`",
    limit: "write `concurrency` for attempts at once, `rate` for starts in a time",
  },
  "a sensor": {
    name: "a sensor is named behind `sensor`: PACK.NAME",
    runner: "leave it out: a sensor is a process",
    entry_point: "write `entry`",
    class_name: "write `entry`: a program of its own, whose lines on stdout are events",
    input: "write `config`: the values that the process is given",
    parameters: "write `config`: the values that the process is given",
    with: "write `config`: the values that the process is given",
    output: "write `events`: of each type what its data is",
    emits: "write `events`: of each type what its data is",
    trigger: "write `events`: of each type what its data is",
    triggers: "write `events`: of each type what its data is",
    trigger_types: "write `events`: of each type what its data is",
    interval: "write it into `config`: the program itself waits",
    poll_interval: "write it into `config`: the program itself waits",
    every: "write it into `config`: the program itself waits",
    schedule: "write it into `config`: the program itself waits",
    cron: "write it into `config`: the program itself waits",
    secrets: "a program reads its own secrets, from a file that its user may read",
    enabled: "a sensor runs while a rule that is on listens to it; `yard sensors pause` stops it",
    timeout: "a sensor runs until it is stopped",
  },
  "a source": {
    name: "a source is named behind `source`",
    type: "write `kind`",
    secrets: "write `secret: { secret: NAME }`",
  },
  "pack.yaml": { name: "write `pack`" },
  server: {
    args: "write them behind the program: `command: [npx, -y, SERVER]`",
    type: "leave it out: `command` or `url` says it",
    transport: "leave it out: `command` or `url` says it",
    entry: "write `command: [node, FILE]`, from the folder of the pack",
    script: "write `command: [node, FILE]`, from the folder of the pack",
    name: "leave it out: `command` or `url` says which server it is",
    token:
      'write `headers: { authorization: "Bearer ${{ secrets.NAME }}" }`, and `secrets: [NAME]` at the action',
    auth: 'write `headers: { authorization: "Bearer ${{ secrets.NAME }}" }`, and `secrets: [NAME]` at the action',
    secrets: "write `secrets` at the action, beside `server`",
  },
  "an action": {
    permissions: PROFILE,
    limits: PROFILE,
    kind: PROFILE,
    name: "an action is named behind `action`: PACK.NAME",
    runner_type: "write `runner`: process, http, mcp or agent",
    entry_point: "write `entry`",
    parameters: "write `input`: a map of names to types",
    retries: TRIES,
    secret: "write `secrets: [NAME]`",
    run: "write `script` for lines of shell, `entry` for a file of the pack",
    mcp: "write `runner: mcp`, `server` and `tool`",
    steps: "steps are a workflow's: workflows/NAME.yaml",
  },
};

export function foreignKeyHint(what: string, key: string): string | undefined {
  const keys = FOREIGN[what];
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : undefined;
}
