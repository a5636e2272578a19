export { insertDecisions } from "./decisions.store.ts";
export { createOwnEvents, type OwnEvents } from "./own-events/index.ts";
export { replayRoutes } from "./replays.routes.ts";
export { createReplays, type Replays } from "./replays.ts";
export { deleteOldDecisions } from "./retention.store.ts";
export { ruleRoutes } from "./rules.routes.ts";
export { createRules, type Rules } from "./rules.ts";
export { trialRoutes } from "./trial.routes.ts";
export { createTrials, type Trials } from "./trial.ts";
