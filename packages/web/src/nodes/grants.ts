import type { NodeGrants } from "@yardmaster/protocol";

/** What a server may ask of a node, beside the folders that it may ask for. */
export const GRANTS = ["exec", "read", "write", "jobs"] as const satisfies (keyof NodeGrants)[];
export type Grant = (typeof GRANTS)[number];

export const GRANT_MEANINGS: Record<Grant, string> = {
  exec: "run commands",
  read: "read files",
  write: "write files",
  jobs: "carry out steps of runs",
};
