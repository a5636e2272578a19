import { span } from "../screen.mjs";
import { failureOf } from "./execute.mjs";

const MOST_MS = 1_000;
/** Of `yard-node run`, for a service manager: not to be started again. */
const REVOKED = 10;

/** Cut off in the middle of a call: the call, the link, the token and the program end. */
export async function revoke(stage) {
  const { screen, client, check, machines, until, signal } = stage;
  const { forge } = machines;
  screen.title("Revoke: a machine is not to be trusted any more");
  const call = beginCall(stage);
  await call.started;
  const started = performance.now();
  const ended = call.ended.then((error) => ({ error, ms: performance.now() - started }));
  const gone = forge.program.ended.then(({ code }) => ({ code, ms: performance.now() - started }));
  await client.nodes.revoke("forge", { reason: "stolen" }, { signal });
  const { error, ms } = await ended;
  screen.field("call", `in flight: ${error.code}, ${span(ms)} after the revocation was asked for`);
  check("a call in flight fails within a second, and says why", () => {
    return error.code === "node_revoked" && ms < MOST_MS;
  });
  await until("revoked", "forge");
  const { code, ms: goneMs } = await gone;
  screen.field("forge", `its program ended after ${span(goneMs)}, with exit code ${code}`);
  check("its program ends by itself, with a code of its own", () => code === REVOKED);
  check("what the call had started is gone", () => !isAlive(call.pid()));
  await comesBack(stage, forge);
  const next = await failureOf(client.nodes.exec("forge", { argv: ["true"] }, { signal }));
  screen.field("next", `${next.code}: ${next.message}`);
  check("the next call says that it was revoked", () => next.code === "node_revoked");
  return { revokedMs: ms };
}

/** A command that says its process id and then waits. */
function beginCall({ client, signal }) {
  const argv = ["sh", "-c", "echo $$; exec sleep 60"];
  let text = "";
  let isStarted;
  const started = new Promise((done) => {
    isStarted = done;
  });
  async function listen() {
    for await (const event of client.nodes.stream("forge", { argv }, { signal })) {
      if (event.type === "output") text += Buffer.from(event.data_b64, "base64");
      if (text.includes("\n")) isStarted();
      if (event.type === "ended") return event.error ?? event;
    }
  }
  return { started, pid: () => Number(text), ended: listen().catch((error) => error) };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** With the token that it still has. */
async function comesBack({ screen, check }, forge) {
  const failure = await failureOf(forge.start());
  const why = /error (.*)/.exec(failure.message)?.[1] ?? failure.message;
  screen.field("again", `it tries its token once more: ${why}`);
  check("its token is refused for good, and not tried again and again", () => {
    return failure.message.includes("revoked");
  });
}
