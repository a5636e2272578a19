export { createExplainTarget } from "./explain-target.ts";
export { createNodeJobs } from "./node-jobs.ts";
