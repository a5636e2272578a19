import { createChecks } from "./checks.mjs";
import { onInterrupt } from "./interrupt.mjs";
import { createScreen } from "./screen.mjs";

/**
 * Tells a story on an installation of its own, and removes that. Resolves with the exit code; nothing is left behind.
 * `tell` resolves with what `sum` makes the last line of; `judgeEnd` looks at how the programs ended.
 */
export async function play({ installation, tell, judgeEnd, sum }) {
  const screen = createScreen();
  const checks = createChecks();
  const interrupt = onInterrupt();
  const { check } = checks;
  let told;
  try {
    told = await interrupt.race(tell({ screen, check, installation, signal: interrupt.signal }));
  } catch (error) {
    if (interrupt.code() === undefined) showFailure(error, checks, installation);
    else screen.plain("\nStopping, and removing what was started.");
  }
  const isClean = await remove(installation, (endings) => judgeEnd(check, endings));
  if (told === undefined || !isClean) return interrupt.code() ?? 1;
  return conclude(screen, checks, sum(told));
}

async function remove(installation, judge) {
  try {
    judge(await installation.remove());
    return true;
  } catch (error) {
    console.error(`The demonstration could not clean up after itself: ${error.message}`);
    return false;
  }
}

function conclude({ plain, paint }, checks, { skipped, text }) {
  plain("");
  if (checks.failed.length > 0) {
    plain(paint.bad(`Not as it should be: ${checks.failed.join("; ")}.`));
    return 1;
  }
  const without = skipped.length === 0 ? "" : `, 1 part left out (${skipped.join("; ")})`;
  plain(`${paint.good("✓")} ${checks.count()} checks passed${without}: ${text}.`);
  return 0;
}

function showFailure(error, { failed }, installation) {
  const lines = [
    `\nThe demonstration failed: ${error.stack ?? error}`,
    ...failed.map((sentence) => `Not as it should be: ${sentence}`),
    ...installation.said().split("\n").slice(-20),
  ];
  console.error(lines.join("\n"));
}
