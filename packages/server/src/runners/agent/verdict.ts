import type { Json } from "@yardmaster/protocol";
import { storable } from "../output/capture.ts";
import { tooLarge } from "../output/output.ts";
import type { AttemptResult } from "../runner.ts";
import type { AgentEnded } from "./agent-event.ts";
import { failed } from "./failure.ts";
import type { Judged } from "./judged.ts";
import { nameOf } from "./programs/index.ts";
import { introducesMs } from "./watch.ts";

/** Of a command, an error shows as much. */
const MOST_COMMAND_CHARS = 80;

/**
 * What became of an attempt. An agent has succeeded where it says so itself and its process agrees: an exit code of 0
 * alone says nothing.
 */
export function verdictOf(judged: Judged): AttemptResult {
  const { result, heard, stoppedFor } = judged;
  if (stoppedFor === "silence") return failed(judged, "stalled", silenceText(judged));
  if (stoppedFor === "no_answer") return failed(judged, "stalled", noAnswerText(judged));
  if (stoppedFor === "refused" && heard.refusedFor !== undefined)
    return failed(judged, heard.refusedFor.outcome, heard.refusedFor.why);
  if (stoppedFor !== "lingering" && !endedByItself(result)) return notByItself(judged);
  const { ended } = heard;
  if (ended === undefined) return failed(judged, "crashed", crashText(judged));
  if (ended.outcome !== "completed") return failed(judged, ended.outcome, ended.text);
  if (result.status === "failed")
    return failed(
      judged,
      "crashed",
      `it said that it had completed, and yet: ${result.error.message}`,
    );
  return succeeded(judged, ended);
}

function endedByItself(result: AttemptResult): boolean {
  return result.status === "success" || isExit(result);
}

function isExit(result: AttemptResult): boolean {
  return result.status === "failed" && result.error.code === "process_exit";
}

/** Stopped, lost or never begun: what that means is the process's own. Where it can be gone on from is told beside it. */
function notByItself({ result, heard, spec }: Judged): AttemptResult {
  if (result.status === "success" || result.status === "lost") return result;
  const { error } = result;
  if (error.code === "process_start" && error.details?.["error"] === "ENOENT") {
    const { install } = nameOf(spec.profile);
    const message = `${error.message} ${install}, or name its program as command in the agent's profile.`;
    return { ...result, error: { ...error, message } };
  }
  const { session } = heard;
  if (session === undefined) return result;
  return { ...result, error: { ...error, details: { ...error.details, session } } };
}

function succeeded(judged: Judged, ended: AgentEnded): AttemptResult {
  const { spec, resultLimitBytes, result } = judged;
  const text = storable(ended.text ?? "");
  const own = ended.answer === undefined ? { text } : (ended.answer as { [key: string]: Json });
  const output: Json = {
    ...own,
    agent: factsOf(judged, ended.answer === undefined ? undefined : text),
  };
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes > resultLimitBytes)
    return { status: "failed", error: tooLarge(bytes, resultLimitBytes), facts: result.facts };
  const files = result.status === "success" && result.files !== undefined;
  if (spec.files !== undefined && !files)
    return failed(judged, "crashed", "it did not go when it had ended, and handed no files back");
  return {
    status: "success",
    output,
    ...(files && { files: result.files }),
    facts: result.facts,
  };
}

function factsOf({ spec, heard }: Judged, text: string | undefined): { [key: string]: Json } {
  const { session, model, malformedLines, ended } = heard;
  return {
    kind: spec.profile.kind,
    ...(session !== undefined && { session }),
    ...(model !== undefined && { model }),
    ...(text !== undefined && { text }),
    ...(ended?.turns !== undefined && { turns: ended.turns }),
    ...(ended?.costUsd !== undefined && { cost_usd: ended.costUsd }),
    ...(ended?.usage !== undefined && { usage: { ...ended.usage } }),
    ...(malformedLines > 0 && { malformed_lines: malformedLines }),
  };
}

function noAnswerText({ spec, heard }: Judged): string {
  const { malformedLines } = heard;
  const lines = malformedLines === 0 ? "" : ` ${malformedLines} of its lines were no messages.`;
  const command = spec.profile.command.join(" ").slice(0, MOST_COMMAND_CHARS);
  return `it did not introduce itself within ${introducesMs(spec.profile) / 1000} s. Does \`${command}\` speak the Agent Client Protocol on its stdin and stdout?${lines}`;
}

function silenceText({ spec }: Judged): string {
  return `nothing came from it for ${spec.profile.silenceMs / 1000} s.`;
}

function crashText({ result, heard }: Judged): string {
  const { malformedLines } = heard;
  const lines = malformedLines === 0 ? "" : ` ${malformedLines} of its lines were no JSON.`;
  return result.status === "failed"
    ? `${result.error.message}${lines}`
    : `its process ended with exit code 0 and did not say how its work ended.${lines}`;
}
