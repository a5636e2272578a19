import { judge, type RuleDefinition, type Template } from "@yardmaster/kernel";
import { fieldText, isAppError, type Json } from "@yardmaster/protocol";
import type { Engine, PreparedRun, RunRequest } from "../engine/index.ts";
import { type EventRecord, eventSeen } from "../events/index.ts";

/** What one rule says of one event, and the run it starts where it matched. */
export interface Verdict {
  readonly rule: string;
  readonly status: "matched" | "not_matched" | "held" | "error";
  /** The part of the condition that did not hold. */
  readonly clause: string | null;
  /** The field that was missing, by what it was held, or what was wrong. */
  readonly reason: string | null;
  readonly run: PreparedRun | null;
  /** What that run was asked with. */
  readonly request: { readonly ref: string; readonly input: Json } | null;
}

/** Who starts a run, as its record says it. */
export type StartedBy = Pick<RunRequest, "createdBy" | "rule">;

/** What asks for a run of an event beside the rules: the task whose fire the event is. */
export interface Starter {
  /** As it stands in the decision, where a rule's ref does. */
  readonly ref: string;
  readonly run: string;
  readonly with?: Template | undefined;
  /** By what it is held back; undefined where it starts. */
  readonly held?: string | undefined;
  readonly startedBy: StartedBy;
}

export interface Judging {
  readonly event: EventRecord;
  readonly rules: readonly RuleDefinition[];
  /** By what a rule is held back before it is asked; undefined where it judges. */
  readonly heldBy: (rule: RuleDefinition) => string | undefined;
  /** Why nothing may be started of this event, whichever rule matches. */
  readonly cut?: string | undefined;
  readonly prepare: Engine["prepare"];
}

/** The verdict of what asks for a run beside the rules. What goes wrong in it is its own. */
export function judgeStarter(
  starter: Starter,
  event: EventRecord,
  prepare: Engine["prepare"],
): Verdict {
  if (starter.held !== undefined) return verdict(starter, "held", { reason: starter.held });
  try {
    return startRun(starter, event, { event: eventSeen(event) }, prepare);
  } catch (error) {
    return verdict(starter, "error", { reason: sentence(error) });
  }
}

/** Judges each rule by itself: what goes wrong in one is its own verdict and touches no other. */
export function judgeEvent({ event, rules, heldBy, cut, prepare }: Judging): Verdict[] {
  if (rules.length === 0) return [];
  const scope = { event: eventSeen(event) };
  return rules.map((rule) => {
    const held = heldBy(rule);
    if (held !== undefined) return verdict(rule, "held", { reason: held });
    try {
      const said = judgeCondition(rule, scope);
      if (said !== undefined) return said;
      if (cut !== undefined) return verdict(rule, "held", { reason: `${cut} → ${rule.ref}` });
      const startedBy = { createdBy: `rule:${rule.ref}`, rule: rule.ref };
      return startRun({ ...rule, startedBy }, event, scope, prepare);
    } catch (error) {
      // A rule that breaks must not lose the event, whatever it broke on.
      return verdict(rule, "error", { reason: sentence(error) });
    }
  });
}

/** Undefined where the condition holds, or there is none. */
function judgeCondition(rule: RuleDefinition, scope: { event: unknown }): Verdict | undefined {
  if (rule.condition === undefined) return undefined;
  const judgement = judge(rule.condition, scope);
  if ("error" in judgement) {
    const { source, message } = judgement.error;
    return verdict(rule, "error", { clause: source, reason: message });
  }
  if (judgement.matched) return undefined;
  return verdict(rule, "not_matched", {
    clause: judgement.clause,
    reason: missing(judgement.missing),
  });
}

function startRun(
  rule: Starter,
  event: EventRecord,
  scope: { event: unknown },
  prepare: Engine["prepare"],
): Verdict {
  const rendered = rule.with?.render(scope) ?? { ok: true, value: {} as Json };
  if (!rendered.ok) return verdict(rule, "error", { reason: `with: ${rendered.error.message}` });
  const request = { ref: rule.run, input: rendered.value };
  const run = prepare({
    ...request,
    ...rule.startedBy,
    eventId: event.id,
    traceparent: event.traceparent,
  });
  return verdict(rule, "matched", { run, request });
}

function verdict(
  rule: { readonly ref: string },
  status: Verdict["status"],
  said: Partial<Verdict>,
): Verdict {
  return { rule: rule.ref, status, clause: null, reason: null, run: null, request: null, ...said };
}

function missing(field: string | undefined): string | null {
  return field === undefined ? null : `${field} is missing`;
}

function sentence(error: unknown): string {
  if (!isAppError(error)) return error instanceof Error ? error.message : String(error);
  const places = error.errors.map((place) => fieldText(place.path, place.message));
  return [error.message, ...places].join("; ");
}
