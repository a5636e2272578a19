import {
  type AgentSpec,
  agentRequestOf,
  type ProcessSpec,
  type SecretPlace,
} from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { createMasker } from "../masking/index.ts";
import { type AttemptContext, type AttemptResult, NOTHING_RAN, type Runner } from "../runner.ts";
import { masked } from "../with-secrets.ts";
import type { AgentEvent } from "./agent-event.ts";
import { type Heard, hear, NOTHING_HEARD } from "./heard.ts";
import { processOf } from "./launch.ts";
import { createListener } from "./listener.ts";
import { PROGRAMS } from "./programs/index.ts";
import { createTeller } from "./teller.ts";
import { verdictOf } from "./verdict.ts";
import { createWatch } from "./watch.ts";

export interface AgentRunnerDeps {
  /** Starts their programs, here or on another machine. */
  readonly processes: Runner<ProcessSpec>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly resultLimitBytes: number;
  /** What an agent's log may tell of its work; its raw lines have as much beside it. */
  readonly logLimitBytes: number;
  /** Reads the key of an agent's provider; on a node, where nobody's are sent, there is none to be had. */
  readonly readKey?: (place: SecretPlace, pack: string) => Promise<string | undefined | WorkError>;
  /** How long its program may stay after it has said how its work ended; half a minute unless given. */
  readonly lingersMs?: number;
}

const LINGERS_MS = 30_000;

/**
 * Asks coding agents by their own programs, headless: the prompt on stdin, one JSON object a line on stdout. What they
 * say of their work is told in the log as people read it, with the raw lines beside it; how it ended is taken from what
 * they say, never from an exit code alone.
 */
export function createAgentRunner(deps: AgentRunnerDeps): Runner<AgentSpec> {
  return {
    async run(spec, context) {
      const read = agentRequestOf(spec, context.input);
      if (!read.ok) return { status: "failed", error: read.error, facts: NOTHING_RAN };
      const program = PROGRAMS[spec.profile.kind];
      const key = await keyOf(spec, context, deps);
      if (typeof key === "object") return { status: "failed", error: key, facts: NOTHING_RAN };
      const secrets = key === undefined ? {} : { [program.keyVariable]: key };
      const call = program.call(spec.profile, read.request, spec.answer);
      const started = { ...context, input: read.request.prompt };
      const process = processOf(spec, read.request, call, secrets);
      if (key === undefined) return await attend(spec, process, started, deps);
      const masker = createMasker([key]);
      return await masked(attend(spec, process, { ...started, masker }, deps), masker);
    },
  };
}

async function keyOf(
  { profile }: AgentSpec,
  { pack = "" }: AttemptContext,
  { readKey }: AgentRunnerDeps,
): Promise<string | WorkError | undefined> {
  const place = profile.key;
  if (place === undefined || readKey === undefined) return undefined;
  const key = await readKey(place, pack);
  if (typeof key === "object") return key;
  if (key !== undefined && key !== "") return key;
  const message = `The agent's key is not there: this worker has nothing in ${placeText(place)}. Set it there, or leave key out where the agent is logged in.`;
  return { code: "agent_failed", message, details: { outcome: "config" } };
}

function placeText(place: SecretPlace): string {
  if ("env" in place) return `the variable ${place.env}`;
  return "file" in place ? `the file ${place.file}` : `the secret ${place.secret}`;
}

async function attend(
  spec: AgentSpec,
  process: ProcessSpec,
  context: AttemptContext,
  deps: AgentRunnerDeps,
): Promise<AttemptResult> {
  const { processes, now, resultLimitBytes, logLimitBytes, lingersMs = LINGERS_MS } = deps;
  let heard: Heard = NOTHING_HEARD;
  const watch = createWatch({ silenceMs: spec.profile.silenceMs, lingersMs });
  const teller = createTeller({ onLog: context.onLog, now, limitBytes: logLimitBytes });
  const onEvent = (event: AgentEvent): void => {
    heard = hear(heard, event);
    teller.tell(event);
    if (event.type === "ended") watch.hasEnded();
    else watch.sign();
    if (heard.refusedFor !== undefined) watch.isRefused();
  };
  const listener = createListener(PROGRAMS[spec.profile.kind].reader(spec.answer), onEvent);
  const result = await processes
    .run(process, {
      ...context,
      signal: AbortSignal.any([context.signal, watch.signal]),
      onStdout(chunk) {
        // After its end, bytes alone may be those of what it has left running.
        if (heard.ended === undefined) watch.sign();
        listener.write(chunk);
      },
      onLog: (chunk) =>
        context.onLog(chunk.stream === "stdout" ? { ...chunk, stream: "raw" } : chunk),
    })
    .finally(watch.end);
  listener.end();
  const stoppedFor = context.signal.aborted ? undefined : watch.stoppedFor();
  return verdictOf({
    spec,
    heard: { ...heard, malformedLines: listener.malformedLines() },
    result,
    now: now(),
    resultLimitBytes,
    ...(stoppedFor !== undefined && { stoppedFor }),
  });
}
