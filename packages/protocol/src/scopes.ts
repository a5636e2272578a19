/** What a token may do. `admin` may do all, tokens included; no other scope includes another. */
export const SCOPE_MEANINGS = {
  admin: "Everything, tokens included.",
  "runs:read": "Read runs, their steps and logs, and follow the live stream of changes.",
  "runs:write": "Start, cancel and repair runs.",
  "events:read": "Read events and what the rules said of them.",
  "events:write": "Post events.",
  "sources:read": "Read where events come from.",
  "sources:write": "Make and change sources, their secrets included.",
  "packs:read": "Read packs, actions, workflows and rules.",
  "packs:write": "Load packs again, and switch rules on and off.",
  "queues:read": "Read queues: their limits, what runs in them and what leads each line.",
  "queues:write": "Pause queues and let them go on.",
  "inquiries:read": "Read the questions that runs ask, and their answers.",
  "inquiries:answer":
    "Answer questions: those of nobody in particular, and those of this very token.",
  "sensors:read": "Read sensors: their state, their cursors and their logs.",
  "sensors:write":
    "Pause sensors, let them go on, start them again, reset their cursors, and forget those that are in no pack any more.",
  "secrets:read": "Read which secrets there are and what uses them; never their values.",
  "secrets:write": "Set, describe and remove secrets.",
  "tasks:read": "Read tasks: their schedules, when they are due, and what became of it.",
  "tasks:create": "Make tasks.",
  "tasks:update": "Change tasks, put them off, pause them, let them go on, and cancel them.",
  "tasks:delete": "Delete tasks.",
  "tasks:run": "Have a task run now.",
  "trackers:read": "Read trackers, and have them checked; never their tokens.",
  "trackers:write": "Make, change, pause and remove trackers, their tokens included.",
  "work:read": "Read work items and what is done with the issues of trackers.",
  "work:write":
    "Say what is done with the issues of trackers, and retry, cancel and order work items.",
  "nodes:read": "Read nodes: their state, labels and shell sessions.",
  "nodes:write": "Pair, change, rotate and revoke nodes.",
  "nodes:exec": "Run commands on nodes, give them input, cancel them, and reset shell sessions.",
  "nodes:files": "Read and write files on nodes.",
  "audit:read":
    "Read the audit of nodes, secrets, tasks, trackers, work and answers, and check its chain.",
  "status:read": "Read the state of the server and of its database.",
  "metrics:read": "Read /metrics from another machine; from this one it is open.",
} as const;

export type Scope = keyof typeof SCOPE_MEANINGS;

export const SCOPES = Object.keys(SCOPE_MEANINGS) as [Scope, ...Scope[]];
