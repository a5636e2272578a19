import type { Check, Checkup } from "@yardmaster/protocol";
import { connectDatabase, joinDatabase, silentLog } from "../db/index.ts";
import { checkListening } from "../listening/index.ts";
import { checkPacks } from "../packs/index.ts";
import { readSettings, type Settings } from "../settings/index.ts";
import { bad, looked, ok } from "./check.ts";
import { dataFolderCheck, diskCheck, nodeCheck, programsChecks } from "./checks/machine.ts";
import { packFolderChecks } from "./checks/pack-folders.ts";
import { portCheck } from "./checks/port.ts";
import { postgresChecks } from "./checks/postgres.ts";

/** How long PostgreSQL may take to answer. */
const CONNECT_WITHIN_MS = 3_000;

/** Machine, settings, port and database, as a server that is started with these would find them. Never rejects. */
export async function checkInstallation(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  { connectWithinMs = CONNECT_WITHIN_MS } = {},
): Promise<Checkup> {
  let settings: Settings | undefined;
  const settingsChecks = await looked("settings", () => {
    settings = readSettings([], env, cwd);
    return [ok("settings", "all settings are valid")];
  });
  const found = settings === undefined ? [] : await checksBy(settings, connectWithinMs);
  const checks = [nodeCheck(process.versions.node), ...settingsChecks, ...found];
  return { checked_at: new Date().toISOString(), checks };
}

async function checksBy(settings: Settings, connectWithinMs: number): Promise<Check[]> {
  const { dataFolder, packFolders, databaseUrl, roles, runAs } = settings;
  const checks = await Promise.all([
    looked("programs", () => programsChecks({ uid: process.getuid?.(), roles, runAs })),
    looked("data", () => [dataFolderCheck(dataFolder), diskCheck("data.disk", dataFolder)]),
    looked("packs", async () => packFolderChecks(await checkPacks(packFolders))),
    looked("port", () => listeningChecks(settings)),
    databaseUrl === undefined
      ? embeddedChecks(dataFolder)
      : databaseChecks(databaseUrl, connectWithinMs),
  ]);
  return checks.flat();
}

async function listeningChecks({ host, port, tls, nodesListener }: Settings): Promise<Check[]> {
  const forNodes = nodesListener === undefined ? {} : { YARD_NODES_HOST: nodesListener.host };
  try {
    await checkListening({ tls, hosts: { YARD_HOST: host, ...forNodes } });
  } catch (error) {
    return [bad("address", sentence(error), "correct the setting that it names")];
  }
  return [await portCheck(host, port)];
}

async function databaseChecks(url: string, connectWaitMs: number): Promise<readonly Check[]> {
  return looked("postgres.reach", async () => {
    const database = await connectDatabase(url, {
      log: silentLog,
      poolSize: 2,
      connectWaitMs,
    }).catch((error: unknown) => sentence(error));
    if (typeof database === "string")
      return [bad("postgres.reach", database, "start it, or correct DATABASE_URL")];
    try {
      return await postgresChecks(database.pool);
    } finally {
      await database.close();
    }
  });
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The PostgreSQL that comes with Yardmaster lives and ends with its server. */
async function embeddedChecks(dataFolder: string): Promise<readonly Check[]> {
  const known = await joinDatabase(dataFolder, { waitMs: 0 }).catch(() => undefined);
  if (known === undefined)
    return [ok("postgres.reach", "the first start makes a PostgreSQL of its own")];
  const disk = await looked("postgres.disk", () => [diskCheck("postgres.disk", known.home)]);
  const database = await connectDatabase(known.url, {
    log: silentLog,
    poolSize: 2,
    connectWaitMs: 0,
  }).catch(() => undefined);
  if (database === undefined)
    return [...disk, ok("postgres.reach", "its own PostgreSQL rests, as no server runs")];
  try {
    return [...disk, ...(await looked("postgres", () => postgresChecks(database.pool)))];
  } finally {
    await database.close();
  }
}
