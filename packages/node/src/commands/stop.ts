import { stateFolder } from "../config/state-folder.ts";
import { ask } from "../control/control-socket.ts";
import { readFlags } from "./flags.ts";
import { EXIT_NOT_RUNNING, type Io } from "./io.ts";

/** `stop`: returns when the node has said goodbye and ended; 3 where none runs. */
export async function stop(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, { state: { type: "string" } });
  const folder = stateFolder(flags.state, io.env);
  const answer = await ask(folder.socket, "stop");
  io.out(answer === undefined ? `No node runs on ${folder.path}.\n` : "The node has stopped.\n");
  return answer === undefined ? EXIT_NOT_RUNNING : 0;
}
