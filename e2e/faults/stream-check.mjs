import { judge } from "../crash/judge.mjs";
import { until } from "../crash/waiting.mjs";
import { readChanges } from "./follower.mjs";

/**
 * Ends the load, lets the follower catch up, and judges what is left as after a storm; and whether the follower, which
 * was broken off again and again, was told what a reader is told whom nothing befalls.
 */
export async function judgeWithStream({ crew, installation, client }, load, follower) {
  await load.stop();
  const whole = await readChanges(installation.url, follower.first());
  await until("the follower has caught up", () => follower.seen.at(-1) === whole.at(-1));
  await follower.stop();
  const judged = await judge({ crew, installation, client, load });
  judged.checks.push({
    name: "a stream is resumed without a gap and without a double",
    violations: streamProblems(follower, whole),
  });
  return judged;
}

function streamProblems({ seen, gaps }, whole) {
  const problems = gaps.map((id) => `a gap was told at ${id}`);
  const known = new Set(seen);
  if (known.size !== seen.length) problems.push(`${seen.length - known.size} changes came twice`);
  const missed = whole.filter((id) => !known.has(id));
  if (missed.length > 0) problems.push(`${missed.length} of ${whole.length} changes never came`);
  return problems;
}
