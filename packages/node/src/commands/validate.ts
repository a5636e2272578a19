import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { entryFlaw } from "../config/allowed-folders.ts";
import { readAuthority } from "../config/authority.ts";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/config-file.ts";
import { messageOf } from "../config/owner-only.ts";
import { stateFolder } from "../config/state-folder.ts";
import { dial } from "../link/dialing/dial.ts";
import { greet } from "../link/handshake.ts";
import { createReader } from "../link/reader.ts";
import { isWithin, realPathOf } from "../work/files/roots.ts";
import { readFlags } from "./flags.ts";
import type { Io } from "./io.ts";

interface Finding {
  readonly level: "ok" | "warn" | "bad";
  readonly text: string;
}

const EXIT_BAD = 1;

/** `validate`: looks at the configuration and, unless `--offline`, whether the server can be reached; logs nobody in. */
export async function validate(args: readonly string[], io: Io): Promise<number> {
  const flags = readFlags(args, { state: { type: "string" }, offline: { type: "boolean" } });
  const folder = stateFolder(flags.state, io.env);
  const config = await readConfig(folder.config);
  const findings: Finding[] = [
    { level: "ok", text: `${folder.config} is valid and for its owner alone` },
    ...(await pathFindings(config, folder.path)),
    ...(await certificateFindings(config)),
  ];
  if (flags.offline !== true) findings.push(await serverFinding(config, io.env));
  io.out(findings.map(({ level, text }) => `${level.padEnd(4)}  ${text}\n`).join(""));
  return findings.some(({ level }) => level === "bad") ? EXIT_BAD : 0;
}

async function pathFindings({ allowed_paths, allow }: Config, own: string): Promise<Finding[]> {
  if (allowed_paths.length === 0 && (allow.read || allow.write)) {
    return [{ level: "warn", text: "allowed_paths is empty: no file can be read or written" }];
  }
  return await Promise.all(
    allowed_paths.map(async (path): Promise<Finding> => {
      try {
        const flaw = await entryFlaw(path);
        if (flaw !== undefined) return { level: "bad", text: flaw };
        await access(path, constants.R_OK | constants.X_OK);
        return ownFinding(path, own) ?? { level: "ok", text: `allowed_paths: ${path}` };
      } catch (error) {
        return { level: "bad", text: `allowed_paths: ${messageOf(error)}` };
      }
    }),
  );
}

/** The node's own folder, with its token, is closed to files whatever is allowed. */
function ownFinding(path: string, own: string): Finding | undefined {
  const [allowed, closed] = [realPathOf(path), realPathOf(own)];
  if (allowed === undefined || closed === undefined) return undefined;
  const text = `allowed_paths: ${path}`;
  if (isWithin(allowed, closed))
    return {
      level: "warn",
      text: `${text} allows nothing: it lies in the node's own folder ${own}`,
    };
  if (!isWithin(closed, allowed)) return undefined;
  return { level: "ok", text: `${text}, but for the node's own folder ${own}` };
}

async function certificateFindings({ ca_cert }: Config): Promise<Finding[]> {
  if (ca_cert === undefined) return [];
  try {
    await readAuthority(ca_cert);
    return [{ level: "ok", text: `ca_cert: ${ca_cert}` }];
  } catch (error) {
    return [{ level: "bad", text: messageOf(error) }];
  }
}

/** As far as the server's greeting: a login would replace the node's live session. */
async function serverFinding(config: Config, env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const socket = await dial(config, { env, signal: new AbortController().signal });
    const greeted = await greet(socket, createReader(socket), { config, now: Date.now });
    socket.close();
    if ("ok" in greeted)
      return { level: "ok", text: `${config.server} answers, and speaks our protocol` };
    const { ending } = greeted;
    return { level: "bad", text: "why" in ending ? ending.why : "the server closed the link" };
  } catch (error) {
    return { level: "bad", text: messageOf(error) };
  }
}
