import {
  AppError,
  decisionSchema,
  explanationSchema,
  idSchema,
  listDecisionsSchema,
  listRulesSchema,
  type Rule,
  ruleDetailSchema,
  ruleExplanationSchema,
  ruleSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Events } from "../events/index.ts";
import type { Route } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import type { Rules } from "./rules.ts";

const ruleParams = z.object({ ref: z.string().min(1).max(300) });
type RuleRoute = Route<{ params: typeof ruleParams }>;
const eventParams = z.object({ id: idSchema });
const eventExplanationSchema = explanationSchema
  .extend({
    rules: z.array(
      z.object({
        rule: z.string(),
        status: z.enum(["matched", "not_matched", "held", "error", "unjudged"]),
        clause: z.string().nullable(),
        reason: z.string().nullable(),
        run_id: idSchema.nullable(),
        replay: z.number().int(),
      }),
    ),
  })
  .meta({ id: "EventExplanation" });

/** `/v1/rules`, `/v1/decisions` and `/v1/events/{id}/explain`. */
export function ruleRoutes({
  rules,
  events,
}: {
  readonly rules: Rules;
  readonly events: Pick<Events, "find">;
}): Route[] {
  const list: Route<{ query: typeof listRulesSchema }> = {
    method: "GET",
    path: "/v1/rules",
    summary: "Lists the rules of all active packs.",
    scope: "packs:read",
    query: listRulesSchema,
    pagedBy: ({ rule }: Rule) => rule,
    responses: { 200: { description: "A page of rules, by name", schema: z.array(ruleSchema) } },
    handler: async ({ query: { status } }) => ({
      body: (await rules.list()).filter((one) => status === undefined || one.status === status),
    }),
  };

  const show: RuleRoute = {
    method: "GET",
    path: "/v1/rules/{ref}",
    summary: "Shows a rule with the text of its file.",
    scope: "packs:read",
    params: ruleParams,
    responses: { 200: { description: "The rule", schema: ruleDetailSchema } },
    handler: async ({ params }) => ({ body: await rules.show(params.ref) }),
  };

  const explainRule: RuleRoute = {
    method: "GET",
    path: "/v1/rules/{ref}/explain",
    summary: "Says how a rule judged lately, and why it did not fire.",
    description: "It looks at the rule's last 1,000 decisions.",
    scope: "events:read",
    params: ruleParams,
    responses: { 200: { description: "The explanation", schema: ruleExplanationSchema } },
    handler: async ({ params }) => ({ body: await rules.explainRule(params.ref) }),
  };

  const decisions: Route<{ query: typeof listDecisionsSchema }> = {
    method: "GET",
    path: "/v1/decisions",
    summary: "Lists what rules said of events, newest event first.",
    scope: "events:read",
    query: listDecisionsSchema,
    responses: { 200: { description: "A page of decisions", schema: z.array(decisionSchema) } },
    handler: async ({ query, url }) => pageReply(await rules.decisions(query), url),
  };

  const explain: Route<{ params: typeof eventParams }> = {
    method: "GET",
    path: "/v1/events/{id}/explain",
    summary: "Says what each rule made of an event, and why nothing happened where nothing did.",
    scope: "events:read",
    params: eventParams,
    responses: { 200: { description: "The explanation", schema: eventExplanationSchema } },
    async handler({ params }) {
      const event = await events.find(params.id);
      if (event === undefined) throw new AppError("not_found", `There is no event ${params.id}.`);
      return { body: await rules.explain(event) };
    },
  };

  return [
    list,
    show,
    switching(rules, "pause"),
    switching(rules, "resume"),
    explainRule,
    decisions,
    explain,
  ];
}

function switching(rules: Rules, verb: "pause" | "resume"): RuleRoute {
  return {
    method: "POST",
    path: `/v1/rules/{ref}/${verb}`,
    summary:
      verb === "resume"
        ? "Lets a rule judge, also one that is off in its pack."
        : "Pauses a rule: it holds back what it would judge.",
    description:
      "Stays until it is switched again, whatever the pack says. Takes effect with the next event.",
    scope: "packs:write",
    idempotency: "repeatable",
    params: ruleParams,
    responses: { 200: { description: "The rule", schema: ruleSchema } },
    handler: async ({ params, principal }) => ({
      body: await rules.switchRule(params.ref, verb === "resume", `token:${principal.name}`),
    }),
  };
}
