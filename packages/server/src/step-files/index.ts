export { deleteOldStepFiles } from "./retention.ts";
export { stepFileRoutes } from "./step-files.routes.ts";
export { createStepFiles, type StepFiles } from "./step-files.ts";
