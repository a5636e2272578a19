export { insertDecisions } from "./decisions.store.ts";
export type { EventExplanation, RuleExplanation } from "./explain-event.ts";
export { createOwnEvents, type OwnEvents } from "./own-events/index.ts";
export { replayRoutes } from "./replays.routes.ts";
export { createReplays, type Replays } from "./replays.ts";
export { deleteOldDecisions } from "./retention.store.ts";
export { ruleRoutes } from "./rules.routes.ts";
export {
  createRules,
  type Judged,
  type Rules,
  type RulesDeps,
  type RulesOptions,
} from "./rules.ts";
export { trialRoutes } from "./trial.routes.ts";
export { createTrials, type Trials } from "./trial.ts";
