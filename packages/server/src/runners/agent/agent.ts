import {
  type AgentProfile,
  type AgentRequest,
  type AgentSpec,
  agentRequestOf,
  type ProcessSpec,
  type SecretPlace,
} from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import { createMasker } from "../masking/index.ts";
import type { Environment } from "../process/environment.ts";
import { stoppedResult } from "../process/outcome.ts";
import {
  type AttemptContext,
  type AttemptResult,
  NOTHING_RAN,
  type Runner,
  stopReason,
} from "../runner.ts";
import { masked } from "../with-secrets.ts";
import { folderOf, speaking } from "./acp/way.ts";
import type { AgentEvent } from "./agent-event.ts";
import { createGentleStop } from "./gentle-stop.ts";
import { type Heard, hear, NOTHING_HEARD } from "./heard.ts";
import { processOf } from "./launch.ts";
import { createListener } from "./listener.ts";
import { keyVariableOf, PROGRAMS, type PrintingKind } from "./programs/index.ts";
import { createTeller } from "./teller.ts";
import { verdictOf } from "./verdict.ts";
import { createWatch, introducesMs, type WatchTimes } from "./watch.ts";
import type { Way } from "./way.ts";

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
  /** How long its program may stay after it has said how its work ended; half a minute, or a few seconds, unless given. */
  readonly lingersMs?: number;
}

const LINGERS_MS = 30_000;
/** Its stdin is closed then, and nothing is wanted of it any more. */
const SPOKEN_LINGERS_MS = 5_000;

/**
 * Asks coding agents by their own programs, headless: the prompt on stdin, one JSON object a line on stdout, or by a
 * conversation in the Agent Client Protocol. What they say of their work is told in the log as people read it, with the
 * raw lines beside it; how it ended is taken from what they say, never from an exit code alone.
 */
export function createAgentRunner(deps: AgentRunnerDeps): Runner<AgentSpec> {
  return {
    async run(spec, context) {
      const read = agentRequestOf(spec, context.input);
      if (!read.ok) return { status: "failed", error: read.error, facts: NOTHING_RAN };
      const key = await keyOf(spec, context, deps);
      if (typeof key === "object") return { status: "failed", error: key, facts: NOTHING_RAN };
      const started = { ...context, input: read.request.prompt };
      const variable = keyVariableOf(spec.profile);
      if (key === undefined || variable === undefined)
        return await attend({ spec, request: read.request, secrets: {} }, started, deps);
      const masker = createMasker([key]);
      const asked = { spec, request: read.request, secrets: { [variable]: key } };
      return await masked(attend(asked, { ...started, masker }, deps), masker);
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

/** What an attempt asks of which agent. */
interface Asked {
  readonly spec: AgentSpec;
  readonly request: AgentRequest;
  /** What its program is given of secrets. */
  readonly secrets: Environment;
}

async function attend(
  asked: Asked,
  context: AttemptContext,
  deps: AgentRunnerDeps,
): Promise<AttemptResult> {
  const { spec, request } = asked;
  // Before there is a clock to be stopped: there may be no folder to be had.
  const folder = spec.profile.kind === "acp" ? folderOf(request, context) : "";
  const { processes, now, resultLimitBytes, logLimitBytes } = deps;
  let heard: Heard = NOTHING_HEARD;
  const watch = createWatch(timesOf(spec.profile, deps));
  const teller = createTeller({ onLog: context.onLog, now, limitBytes: logLimitBytes });
  const onEvent = (event: AgentEvent): void => {
    heard = hear(heard, event);
    teller.tell(event);
    if (event.type === "ended") watch.hasEnded();
    else watch.sign();
    if (heard.refusedFor !== undefined) watch.isRefused();
  };
  const { isIntroduced: onIntroduced, lingering } = watch;
  const { process, listener, talk, breakOff } =
    spec.profile.kind === "acp"
      ? speaking({ ...asked, folder, context, resultLimitBytes, onEvent, onIntroduced, lingering })
      : printing(asked, spec.profile.kind, onEvent);
  const stopping = [context.signal, watch.signal, ...(talk === undefined ? [lingering] : [])];
  const stop = createGentleStop(AbortSignal.any(stopping), breakOff);
  const result = await processes
    .run(process, {
      ...context,
      signal: stop.signal,
      ...(talk !== undefined && { talk }),
      onStdout(chunk) {
        // After its end, bytes alone may be those of what it has left running.
        if (heard.ended === undefined) watch.sign();
        listener.write(chunk);
      },
      onLog: (chunk) =>
        context.onLog(chunk.stream === "stdout" ? { ...chunk, stream: "raw" } : chunk),
    })
    .finally(() => {
      watch.end();
      stop.end();
    });
  listener.end();
  const stoppedFor = context.signal.aborted ? undefined : watch.stoppedFor();
  return verdictOf({
    spec,
    heard: { ...heard, malformedLines: listener.malformedLines() },
    result: heard.ended === undefined ? asStopped(result, context, talk) : result,
    now: now(),
    resultLimitBytes,
    ...(stoppedFor !== undefined && { stoppedFor }),
  });
}

function timesOf(profile: AgentProfile, { lingersMs }: AgentRunnerDeps): WatchTimes {
  const { silenceMs } = profile;
  if (profile.kind !== "acp") return { silenceMs, lingersMs: lingersMs ?? LINGERS_MS };
  return {
    silenceMs,
    introducesMs: introducesMs(profile),
    lingersMs: lingersMs ?? SPOKEN_LINGERS_MS,
  };
}

/** One that is asked once, and prints what it does. */
function printing(
  { spec, request, secrets }: Asked,
  kind: PrintingKind,
  onEvent: (event: AgentEvent) => void,
): Way {
  const { call, reader } = PROGRAMS[kind];
  return {
    process: processOf(spec, request, call(spec.profile, request, spec.answer), secrets),
    listener: createListener(reader(spec.answer), onEvent),
  };
}

/** One that was told to break off may go by itself, before its process is told to. */
function asStopped(
  result: AttemptResult,
  { signal, timeoutMs }: AttemptContext,
  talk: Way["talk"],
): AttemptResult {
  const isByItself = result.status === "success" || result.status === "failed";
  if (talk === undefined || !signal.aborted || !isByItself) return result;
  return stoppedResult({ stopped: stopReason(signal), timeoutMs }, result.facts);
}
