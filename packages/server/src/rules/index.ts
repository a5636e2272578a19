export { insertDecisions } from "./decisions.store.ts";
export type { EventExplanation, RuleExplanation } from "./explain-event.ts";
export { ruleRoutes } from "./rules.routes.ts";
export { createRules, type Judged, type Rules, type RulesDeps, type RuleView } from "./rules.ts";
