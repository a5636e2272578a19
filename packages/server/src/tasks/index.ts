export { type RunningTasks, runTasks } from "./run-tasks.ts";
