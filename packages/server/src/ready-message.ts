import { resolve } from "node:path";
import { formatProblem } from "@yardmaster/kernel";
import type { FolderProblems } from "./packs/index.ts";
import type { Server } from "./server.ts";
import type { Settings } from "./settings/index.ts";

export interface ReadyFacts {
  readonly startedInMs: number;
  /** What is `yard` to them. */
  readonly command: string;
  /** Of the packs that were not taken up. */
  readonly problems: readonly FolderProblems[];
  /** No folder of packs was named, and there is one of the usual name. */
  readonly leavesPacksHere?: boolean;
}

/** What a person sees when the server stands: where, how to get in, which packs are missing, what to try. */
export function readyMessage(
  server: Server,
  settings: Settings,
  { startedInMs, command, problems, leavesPacksHere }: ReadyFacts,
): string {
  const { api, database } = server;
  // Started by root it lies outside the data folder, for a user of its own.
  const where = database.embedded
    ? `PostgreSQL inside ${database.home ?? settings.dataFolder}`
    : "PostgreSQL at DATABASE_URL";
  if (api === undefined) return `Yardmaster ${settings.roles.join(" and ")} joined (${where}).`;
  const lines = [
    `Yardmaster listens on ${api.url} (ready in ${Math.round(startedInMs)} ms; ${where}).`,
  ];
  if (api.admin.created) {
    lines.push(
      "",
      `Admin token, shown this once: ${api.admin.token}`,
      `It is kept in ${api.admin.path}; yard finds it there.`,
    );
  } else if (api.admin.token !== undefined) {
    // A first start that failed later on, at a port that was taken, has made it and shown it to nobody.
    lines.push(`Its page asks for the admin token, which is in ${api.admin.path}.`);
  } else {
    // The database was carried here, another process made it, or the token of the file was revoked: without this line
    // everything answers 401.
    lines.push(
      `No admin token of it is in ${api.admin.path}: copy that file from the data folder where one is,`,
      "set YARD_TOKEN to one, or start once with YARD_ADMIN_TOKEN, which then takes its place.",
    );
  }
  if (problems.length > 0) lines.push("", ...problems.flatMap(notTakenUp), `  ${command} packs`);
  if (leavesPacksHere)
    lines.push(
      "",
      `No packs are loaded. Those in packs/ here would be with: ${command} start --packs packs`,
    );
  lines.push("", "Try:", ...elsewhere(settings), ...suggestions(server, command));
  return lines.join("\n");
}

function notTakenUp({ folder, problems: [first, ...others] }: FolderProblems): string[] {
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return [`Not taken up: ${folder}`, `  ${formatProblem(first)}${more}`];
}

/** From here `yard` finds the usual folder by itself; another one it has to be told, in every terminal. */
function elsewhere({ dataFolder }: Settings): string[] {
  if (dataFolder === resolve(".yard")) return [];
  const word = process.platform === "win32" ? "set" : "export";
  const isPlain = word === "set" || /^[\w./-]+$/.test(dataFolder);
  return [
    `  ${word} YARD_DATA=${isPlain ? dataFolder : `'${dataFolder.replaceAll("'", "'\\''")}'`}`,
  ];
}

function suggestions(server: Server, command: string): string[] {
  const refs = new Set(server.packs.source.refs());
  const run = refs.has("examples.greet")
    ? `run examples.greet 'people=["Ada","Grace"]' --watch`
    : "run core.echo hello=world --watch";
  const commands = [run, "runs", "status"].map((line) => `  ${command} ${line}`);
  return [...commands, `  ${server.api?.url}/docs`];
}
