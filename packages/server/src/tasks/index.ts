export { type RunningTasks, runTasks } from "./run-tasks.ts";
export { taskRoutes } from "./tasks.routes.ts";
export { createTasks, type Tasks } from "./tasks.ts";
