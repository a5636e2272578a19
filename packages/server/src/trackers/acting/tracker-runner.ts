import type { TrackerSpec, TrackerVerb } from "@yardmaster/kernel";
import type { Json, WorkError } from "@yardmaster/protocol";
import type { AttemptContext, AttemptResult, Runner } from "../../runners/index.ts";
import type { Answer, CommitStatus, Forge, Problem } from "../forge/index.ts";
import { sha256Hex } from "../hearing/digest.ts";
import type { TrackerDoor } from "../tracker-door.ts";

interface Given {
  readonly tracker: string;
  readonly project: string;
  readonly number: number;
  readonly body: string;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** Carries out `core.tracker_…`: the token is read here, and stands in no run. */
export function createTrackerRunner(door: TrackerDoor): Runner<TrackerSpec> {
  return {
    async run({ verb }, context) {
      const startedMs = performance.now();
      const done = await act(verb, context, door);
      const durationMs = Math.round(performance.now() - startedMs);
      const facts = { durationMs, stdoutBytes: 0, stderrBytes: 0 };
      if (context.signal.aborted) {
        const message = "The attempt was canceled; what was asked of the tracker may be done.";
        return { status: "canceled", error: { code: "canceled", message }, facts };
      }
      if (done.ok) return { status: "success", output: done.value, facts };
      return { status: "failed", error: done.error, facts } satisfies AttemptResult;
    },
  };
}

type Done =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: WorkError };

async function act(verb: TrackerVerb, context: AttemptContext, door: TrackerDoor): Promise<Done> {
  // The schema of the action has checked it before the attempt.
  const given = context.input as unknown as Given & CommitStatus;
  const tracker = await door.find(given.tracker);
  if (tracker === undefined) return flaw(`There is no tracker ${given.tracker}.`);
  if (!tracker.projects.some((one) => one.toLowerCase() === given.project.toLowerCase()))
    return flaw(
      `The tracker ${given.tracker} has no project ${given.project}; it has ${tracker.projects.join(", ")}.`,
    );
  const forge = await tracker.forge();
  if (!forge.ok) return { ok: false, error: errorOf(forge.problem) };
  const answer = await ask(verb, given, { forge: forge.value, context });
  return answer.ok ? answer : { ok: false, error: errorOf(answer.problem) };
}

function flaw(message: string): Done {
  return { ok: false, error: { code: "invalid_input", message } };
}

async function ask(
  verb: TrackerVerb,
  given: Given & CommitStatus,
  { forge, context }: { readonly forge: Forge; readonly context: AttemptContext },
): Promise<Answer<Json>> {
  const { project, number, add = [], remove = [] } = given;
  switch (verb) {
    case "comment":
      return await comment(given, forge, context);
    case "labels": {
      const done = await forge.changeLabels(project, number, { add, remove });
      return done.ok ? { ok: true, value: { labels: [...done.value.labels] } } : done;
    }
    case "assign": {
      const done = await forge.changeAssignees(project, number, { add, remove });
      return done.ok ? { ok: true, value: { assignees: [...done.value.assignees] } } : done;
    }
    case "close":
    case "reopen": {
      const state = verb === "close" ? "closed" : "open";
      const done = await forge.setState(project, number, state);
      return done.ok ? { ok: true, value: { state: done.value.state } } : done;
    }
    case "status": {
      const done = await forge.addStatus(project, statusOf(given));
      return done.ok ? { ok: true, value: { state: given.state } } : done;
    }
  }
}

function statusOf({ sha, state, context, description, url }: CommitStatus): CommitStatus {
  return { sha, state, context, description, url };
}

/** An attempt before this one may have written it, and not lived to tell: it is known by its mark. */
async function comment(
  { project, number, body }: Given,
  forge: Forge,
  { attempt, idempotencyKey }: AttemptContext,
): Promise<Answer<Json>> {
  const mark = `<!-- yardmaster:${sha256Hex(idempotencyKey).slice(0, 24)} -->`;
  if (attempt > 1) {
    const before = await forge.comments(project, number);
    if (!before.ok) return before;
    const own = before.value.find((one) => one.body.includes(mark));
    if (own !== undefined) return { ok: true, value: { id: own.id, url: own.url } };
  }
  const made = await forge.addComment(project, number, `${body}\n\n${mark}`);
  return made.ok ? { ok: true, value: { id: made.value.id, url: made.value.url } } : made;
}

/** As those of requests, by which it is known whether to try again, and when. GitHub says 403 where it means 429. */
function errorOf({ kind, message, status, retryAfterMs }: Problem): WorkError {
  if (kind === "blocked") return { code: "http_blocked", message };
  if (kind === "unreachable" || kind === "malformed")
    return { code: "http_failed", message, details: { error: kind } };
  if (status === undefined)
    return { code: kind === "auth" ? "secret_missing" : "invalid_input", message };
  const wait = retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs };
  const told = kind === "rate_limited" ? 429 : status;
  return { code: "http_status", message, details: { status: told, kind, ...wait } };
}
