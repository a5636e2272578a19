import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** As it is built: from its sources each start would cost several seconds of processor time. */
const SERVER = fileURLToPath(new URL("../dist/yard-server.mjs", import.meta.url));

/** Servers in processes of their own, over one database, with one folder of packs. */
export interface ServerProcesses {
  /** Where all of them run; their packs are in `packs`. */
  readonly folder: string;
  /** Those that were started, also those that have ended. */
  readonly started: readonly ChildProcess[];
  /** Resolves once it has said that it is there. `at`: the database by another way. */
  start(roles: string, at?: string): Promise<ChildProcess>;
  /** Where one listens that has the role `api`. */
  urlOf(server: ChildProcess): string;
  end(server: ChildProcess, signal: NodeJS.Signals): Promise<void>;
  /** Ends all, also those that are frozen. */
  close(): Promise<void>;
}

/** `filesIn` a folder are those of the pack `t`. */
export function createServerProcesses(
  url: string,
  filesIn: (folder: string) => Readonly<Record<string, string>>,
): ServerProcesses {
  const folder = mkdtempSync(join(tmpdir(), "yard-servers-"));
  const servers: ChildProcess[] = [];
  const urls = new Map<ChildProcess, string>();
  for (const [path, text] of Object.entries(filesIn(folder))) {
    mkdirSync(dirname(join(folder, "packs/t", path)), { recursive: true });
    writeFileSync(join(folder, "packs/t", path), text);
  }

  async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  }

  return {
    folder,
    started: servers,
    end,
    urlOf: (server) => urls.get(server) ?? "",
    async start(roles, at = url) {
      const server = spawn(process.execPath, [SERVER], {
        cwd: folder,
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          ...{ PATH: process.env["PATH"], HOME: folder, DATABASE_URL: at },
          ...{ YARD_DATA: mkdtempSync(join(folder, "data-")), YARD_PORT: "0", YARD_PACKS: "packs" },
          ...{ YARD_ROLES: roles, YARD_ADMIN_TOKEN: "a-token-of-this-test" },
          YARD_MASTER_KEY: "a".repeat(64),
        },
      });
      servers.push(server);
      const [told] = await Promise.race([once(server.stdout, "data"), once(server, "exit")]);
      expect(String(told)).toMatch(/^Yardmaster .*(listens|joined)/);
      urls.set(server, /http:\S+/.exec(String(told))?.[0] ?? "");
      server.stdout.resume();
      return server;
    },
    async close() {
      for (const server of servers) {
        server.kill("SIGCONT");
        await end(server, "SIGTERM");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
