import { type Environment, MARK } from "../environment.ts";
import type { Sessions } from "./sessions.ts";

/** What a session gives to a terminal that is opened beside it. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env: Environment;
}

/** Of the shell, or of the call that asked: neither is the terminal's own. */
const NOT_PASSED: ReadonlySet<string> = new Set([...Object.values(MARK), "_", "SHLVL", "OLDPWD"]);

/**
 * Asks a session's shell for what it exports. A session that is at work is not waited for: then it is where it
 * last stood, with what the node started it with.
 */
export async function sessionSurroundings(
  sessions: Sessions,
  name: string,
  callId: string,
): Promise<Surroundings> {
  const session = sessions.open(name);
  if (session === undefined) return { env: {} };
  const last = session.cwd();
  if (sessions.isBusy(name)) return { env: {}, ...(last !== undefined && { cwd: last }) };
  const release = sessions.occupy(name);
  try {
    const parts: Buffer[] = [];
    const onOutput = (_: unknown, bytes: Buffer) => void parts.push(Buffer.from(bytes));
    const call = { id: callId, command: "env -0", env: {}, stdin: "null", onOutput } as const;
    const { cwd, exitCode } = await (await session.run(call)).ended;
    const env = exitCode === 0 ? parse(Buffer.concat(parts).toString("utf8")) : {};
    return { env, ...(cwd !== undefined && { cwd }) };
  } finally {
    release();
  }
}

function parse(printed: string): Environment {
  const env: Record<string, string> = {};
  for (const entry of printed.split("\0")) {
    const at = entry.indexOf("=");
    const name = entry.slice(0, at);
    if (at > 0 && !NOT_PASSED.has(name)) env[name] = entry.slice(at + 1);
  }
  return env;
}
