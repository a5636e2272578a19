import {
  AppError,
  DEFAULT_MATCHES,
  type Json,
  MAX_HISTORY,
  ruleHistorySchema,
  ruleTrialSchema,
  testRuleSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import { type EventRecord, type Events, trialEvent } from "../events/index.ts";
import type { Route } from "../http/index.ts";
import type { Trials, TriedRule } from "./trial.ts";

/** `POST /v1/rules/test`. */
export function trialRoutes({
  trials,
  events,
  now,
}: {
  readonly trials: Trials;
  readonly events: Pick<Events, "find">;
  /** Unix milliseconds. */
  readonly now: () => number;
}): Route[] {
  async function eventOf(id: string | undefined, given: Json | undefined): Promise<EventRecord> {
    if (id === undefined) return trialEvent(given ?? null, new Date(now()).toISOString());
    const event = await events.find(id);
    if (event === undefined) throw new AppError("not_found", `There is no event ${id}.`);
    return event;
  }

  const test: Route<{ body: typeof testRuleSchema }> = {
    method: "POST",
    path: "/v1/rules/test",
    summary: "Judges one event, or the events since a time, by a rule, and does nothing.",
    description:
      "The rule is one that is loaded, or the text of a file, which is compiled within its pack. Of one event each clause is told with what it saw, and the run that would start. Of a time it is told how often the rule would have matched; where there is more than one request judges, ask again with `next` as `cursor`.",
    scope: "events:read",
    idempotency: "harmless",
    body: testRuleSchema,
    responses: {
      200: { description: "What would be", schema: z.union([ruleTrialSchema, ruleHistorySchema]) },
    },
    async handler({ body: { rule, file, event_id, event, since, until, cursor, ...most } }) {
      const { matches = DEFAULT_MATCHES, limit = MAX_HISTORY } = most;
      const tried: TriedRule = file ?? { ref: rule ?? "" };
      const body =
        since === undefined
          ? await trials.tryOn(tried, await eventOf(event_id, event))
          : await trials.tryOnHistory(tried, { since, until, limit, matches, cursor });
      return { body };
    },
  };

  return [test];
}
