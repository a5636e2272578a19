import type { AgentRequest, AgentSpec, ProcessSpec } from "@yardmaster/kernel";
import type { Environment } from "../process/environment.ts";
import type { ProgramCall } from "./programs/program.types.ts";

/**
 * Enters the folder, and names a file with the schema to the agent: what a process is started with knows neither, here
 * or on a node. The file is gone before anything is handed back out of the work folder. (A descriptor would not do:
 * Codex as npm installs it is started by a program that hands no more than three on.)
 */
const LAUNCHER = `folder=$1 flag=$2 schema=$3
shift 3
if [ -n "$folder" ]; then
  cd -- "$folder" || { echo "The folder $folder cannot be worked in." >&2; exit 1; }
fi
[ -n "$flag" ] || exec "$@"
file=$YARD_WORK/.answer-schema.json
printf %s "$schema" >"$file" || exit 1
"$@" "$flag" "$file"
code=$?
rm -f -- "$file"
exit $code`;

/** The process that an agent is: its prompt on stdin, its work on stdout, in the attempt's own folder or another. */
export function processOf(
  { profile, files }: AgentSpec,
  { folder = "" }: AgentRequest,
  { args, schema }: ProgramCall,
  secrets: Environment,
): ProcessSpec {
  const own = [...profile.command, ...args];
  const isPlain = folder === "" && schema === undefined;
  const given = [folder, schema?.flag ?? "", schema?.text ?? ""];
  return {
    kind: "process",
    command: isPlain ? own : ["/bin/sh", "-c", LAUNCHER, "agent", ...given, ...own],
    cwd: "work",
    inputAs: "text",
    output: "none",
    env: { ...secrets, ...profile.env },
    ...(files === undefined ? {} : { files }),
  };
}
