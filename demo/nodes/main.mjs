import { join } from "node:path";
import { createInstallation } from "../installation.mjs";
import { play } from "../play.mjs";
import { span } from "../screen.mjs";
import { audit } from "./audit.mjs";
import { cutLink } from "./cut-link.mjs";
import { execute } from "./execute.mjs";
import { connect, pair } from "./pair-and-connect.mjs";
import { rateLimit } from "./rate-limit.mjs";
import { revoke } from "./revoke.mjs";
import { setStage } from "./stage.mjs";
import { stoppedMachine } from "./stopped-machine.mjs";
import { workflow } from "./workflow.mjs";

/** Three machines from their pairing to a revocation. Resolves with the exit code. */
export function demonstrate() {
  const installation = createInstallation({ packs: join(import.meta.dirname, "pack") });
  return play({ installation, tell, judgeEnd, sum });
}

async function tell(props) {
  props.screen.plain(
    "Nodes of Yardmaster on a throwaway installation: the machines are processes, all gone at the end.",
  );
  const stage = await setStage(props);
  const tokens = await pair(stage);
  await connect(stage, tokens);
  await execute(stage);
  await workflow(stage);
  const { awayMs } = await cutLink(stage);
  const { offlineMs } = await stoppedMachine(stage);
  const { refused } = await rateLimit(stage);
  const { revokedMs } = await revoke(stage);
  const { calls } = await audit(stage, tokens);
  return { awayMs, offlineMs, refused, revokedMs, calls, skipped: stage.skipped };
}

function judgeEnd(check, endings) {
  check("the server and the machines that were left stopped in order", () => {
    return endings.every(({ signal }) => signal === null);
  });
}

function sum({ awayMs, offlineMs, refused, revokedMs, calls, skipped }) {
  const text =
    "three machines were paired and ran commands, files and a workflow; a call and a job outlived a link cut for " +
    `${span(awayMs)}, each run exactly once; an offline call failed in ${span(offlineMs)}; ${refused} calls too many ` +
    `and a flood were refused; a revocation took ${span(revokedMs)}; ${calls} calls are audited in a whole chain`;
  return { skipped, text };
}
