export { createExplainTarget } from "./explain-target.ts";
export { createNodeJobs } from "./node-jobs.ts";
export type { NodeJobsDeps, NodeJobsOptions } from "./node-jobs.types.ts";
