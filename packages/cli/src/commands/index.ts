import type { Define } from "../command.ts";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly define: Define }>;
}

/** Every command of `yard`, in the order of its help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "start",
    summary: "start a server, or a worker that joins one",
    load: () => import("./start.ts"),
  },
  {
    name: "status",
    summary: "show the server, its processes and its queues",
    load: () => import("./status.ts"),
  },
  { name: "run", summary: "run an action or a workflow", load: () => import("./run.ts") },
  { name: "runs", summary: "list runs, or show one", load: () => import("./runs.ts") },
  { name: "logs", summary: "print what a run's steps wrote", load: () => import("./logs.ts") },
  { name: "cancel", summary: "stop a run", load: () => import("./cancel.ts") },
  {
    name: "retry",
    summary: "try ended runs again, with what had succeeded",
    load: () => import("./retry.ts"),
  },
  {
    name: "explain",
    summary: "say why a run, a question or an event is where it is",
    load: () => import("./explain.ts"),
  },
  {
    name: "inquiries",
    summary: "list, show and answer the questions that runs ask",
    load: () => import("./inquiries.ts"),
  },
  {
    name: "verify",
    summary: "check runs against this build's interpreter",
    load: () => import("./verify.ts"),
  },
  {
    name: "events",
    summary: "list, show, send and replay events",
    load: () => import("./events.ts"),
  },
  {
    name: "deliveries",
    summary: "list what sources sent, and what was refused and why",
    load: () => import("./deliveries.ts"),
  },
  {
    name: "decisions",
    summary: "list which rule judged which event, and how",
    load: () => import("./decisions.ts"),
  },
  {
    name: "rules",
    summary: "list, show, pause, resume, test and explain rules",
    load: () => import("./rules.ts"),
  },
  {
    name: "sources",
    summary: "list and create sources of events",
    load: () => import("./sources.ts"),
  },
  {
    name: "secrets",
    summary: "set values that runs may use and nobody sees, list what uses them, remove them",
    load: () => import("./secrets.ts"),
  },
  {
    name: "sensors",
    summary:
      "list and show sensors, read their logs, pause, resume, restart, reset, forget and explain them",
    load: () => import("./sensors.ts"),
  },
  {
    name: "tasks",
    summary:
      "list, show, preview, create, run, put off, pause, resume, cancel, delete and explain tasks",
    load: () => import("./tasks.ts"),
  },
  {
    name: "trackers",
    summary: "list, show, add, change, check, poll, pause, resume and remove trackers",
    load: () => import("./trackers.ts"),
  },
  {
    name: "work",
    summary:
      "list, show, explain, order, retry and cancel issues that are worked on, and say what works on them",
    load: () => import("./work.ts"),
  },
  {
    name: "pack",
    summary: "make a pack, and check packs without a server",
    load: () => import("./pack.ts"),
  },
  {
    name: "schema",
    summary: "print the schemas by which editors complete and check pack files",
    load: () => import("./schema.ts"),
  },
  {
    name: "packs",
    summary: "list packs, what they hold and what is wrong in them",
    load: () => import("./packs.ts"),
  },
  {
    name: "actions",
    summary: "list actions, or show one with its schemas",
    load: () => import("./actions.ts"),
  },
  {
    name: "workflows",
    summary: "list workflows, or show one with its steps",
    load: () => import("./workflows.ts"),
  },
  {
    name: "queues",
    summary: "list queues, show what is in one, say why it does not move",
    load: () => import("./queues.ts"),
  },
  {
    name: "node",
    summary: "pair machines, run commands and copy files on them, or be one",
    load: () => import("./node.ts"),
  },
  {
    name: "mcp",
    summary: "speak MCP on stdin and stdout, for agents and editors that start a program",
    load: () => import("./mcp.ts"),
  },
  {
    name: "audit",
    summary:
      "list who did what on which node and to which secret, and check that nothing of it was changed",
    load: () => import("./audit.ts"),
  },
  {
    name: "tokens",
    summary: "list, create and revoke API tokens",
    load: () => import("./tokens.ts"),
  },
  {
    name: "doctor",
    summary: "look for what is wrong or soon will be, and say what to do",
    load: () => import("./doctor.ts"),
  },
  {
    name: "db",
    summary: "carry the installation to another database, or copy it there",
    load: () => import("./db.ts"),
  },
  {
    name: "completion",
    summary: "print the completion for a shell",
    load: () => import("./completion.ts"),
  },
];
