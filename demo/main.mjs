import { createChecks } from "./checks.mjs";
import { createInstallation } from "./installation.mjs";
import { onInterrupt } from "./interrupt.mjs";
import { count, killedWorker } from "./killed-worker.mjs";
import { python } from "./python.mjs";
import { createScreen, span } from "./screen.mjs";
import { setStage } from "./stage.mjs";
import { assignedIssue, forged, openedPullRequest, push } from "./webhooks.mjs";

/** Tells the whole story on an installation of its own. Resolves with the exit code; nothing is left behind. */
export async function demonstrate() {
  const screen = createScreen();
  const checks = createChecks();
  const interrupt = onInterrupt();
  const installation = createInstallation();
  let told;
  try {
    told = await interrupt.race(
      tell({ screen, check: checks.check, installation, signal: interrupt.signal }),
    );
  } catch (error) {
    if (interrupt.code() === undefined) showFailure(error, checks, installation);
    else screen.plain("\nStopping, and removing what was started.");
  }
  const isClean = await remove(installation, checks.check);
  if (told === undefined || !isClean) return interrupt.code() ?? 1;
  return conclude(screen, checks, told);
}

async function tell(props) {
  props.screen.plain(
    "Yardmaster on a throwaway installation: its own folder, its own port, gone at the end.",
  );
  const stage = await setStage(props);
  await assignedIssue(stage);
  await openedPullRequest(stage);
  await push(stage);
  await forged(stage);
  await python(stage);
  const { lost, backMs } = await killedWorker(stage);
  return { lost, backMs, skipped: stage.skipped };
}

async function remove(installation, check) {
  try {
    const endings = await installation.remove();
    check("the server and the worker that was left stopped in order", () => {
      const killed = endings.filter(({ signal }) => signal === "SIGKILL");
      return killed.length === 1 && endings.filter(({ code }) => code === 0).length === 2;
    });
    return true;
  } catch (error) {
    console.error(`The demonstration could not clean up after itself: ${error.message}`);
    return false;
  }
}

function conclude({ plain, paint }, checks, { lost, backMs, skipped }) {
  plain("");
  if (checks.failed.length > 0) {
    plain(paint.bad(`Not as it should be: ${checks.failed.join("; ")}.`));
    return 1;
  }
  const without = skipped.length === 0 ? "" : `, 1 part left out (${skipped.join("; ")})`;
  plain(
    `${paint.good("✓")} ${checks.count()} checks passed${without}: signed webhooks became events; a redelivery and a ` +
      "forgery started nothing; every rule said why; every run ended well; " +
      `after kill -9, ${count(lost, "lost attempt")} ran again within ${span(backMs)}.`,
  );
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
