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
    name: "explain",
    summary: "say why a run or an event is where it is",
    load: () => import("./explain.ts"),
  },
  {
    name: "verify",
    summary: "check runs against this build's interpreter",
    load: () => import("./verify.ts"),
  },
  { name: "events", summary: "list, show and send events", load: () => import("./events.ts") },
  {
    name: "decisions",
    summary: "list which rule judged which event, and how",
    load: () => import("./decisions.ts"),
  },
  {
    name: "sources",
    summary: "list and create sources of events",
    load: () => import("./sources.ts"),
  },
  {
    name: "packs",
    summary: "list packs, what they hold and what is wrong in them",
    load: () => import("./packs.ts"),
  },
  {
    name: "tokens",
    summary: "list, create and remove API tokens",
    load: () => import("./tokens.ts"),
  },
];
