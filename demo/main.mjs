import { createInstallation } from "./installation.mjs";
import { count, killedWorker } from "./killed-worker.mjs";
import { play } from "./play.mjs";
import { python } from "./python.mjs";
import { span } from "./screen.mjs";
import { setStage } from "./stage.mjs";
import { assignedIssue, forged, openedPullRequest, push } from "./webhooks.mjs";

/** The whole way of an event. Resolves with the exit code. */
export function demonstrate() {
  return play({ installation: createInstallation(), tell, judgeEnd, sum });
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

function judgeEnd(check, endings) {
  check("the server and the worker that was left stopped in order", () => {
    const killed = endings.filter(({ signal }) => signal === "SIGKILL");
    return killed.length === 1 && endings.filter(({ code }) => code === 0).length === 2;
  });
}

function sum({ lost, backMs, skipped }) {
  const text =
    "signed webhooks became events; a redelivery and a " +
    "forgery started nothing; every rule said why; every run ended well; " +
    `after kill -9, ${count(lost, "lost attempt")} ran again within ${span(backMs)}`;
  return { skipped, text };
}
