import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient } from "../packages/sdk/dist/index.js";
import { startProgram, stopProgram } from "./program.mjs";

const ROOT = resolve(import.meta.dirname, "..");
const SERVER = join(ROOT, "packages/server/dist/yard-server.mjs");

/** An installation in a temporary folder, on a free port, with these packs; `remove` leaves nothing of it. */
export function createInstallation({ packs = join(ROOT, "packs") } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "yard-demo-"));
  const dataFolder = join(folder, "data");
  const webhookSecret = randomBytes(24).toString("hex");
  const env = { ...ownEnvironment(), ...settings({ dataFolder, webhookSecret, packs }) };
  const programs = [];
  let removing = false;

  function start(entry, args, ready) {
    if (removing) throw new Error("the installation is being removed");
    const onStart = (program) => programs.push(program);
    return startProgram(entry, args, { cwd: folder, env, ready, onStart });
  }

  return {
    webhookSecret,
    folder,
    dataFolder,
    env,
    startServer: async (roles = "api,scheduler") => {
      const { match } = await start(SERVER, ["--roles", roles], /listens on (http\S+)/);
      const token = readFileSync(join(dataFolder, "admin-token"), "utf8").trim();
      return { url: match[1], token, client: createClient({ url: match[1], token }) };
    },
    startWorker: () => start(SERVER, ["--roles", "worker"], /worker joined/),
    /** Any other program of the checkout, stopped at the end like the workers. */
    start,
    /** What the programs wrote, for when something went wrong. */
    said: () => programs.map((program) => program.said()).join(""),
    /** Stops what runs, the server last, and deletes all files. Resolves with how each program ended, the server first. */
    remove: async () => {
      removing = true;
      const [server, ...workers] = programs;
      const endings = await Promise.all(workers.map(stopProgram));
      if (server !== undefined) endings.unshift(await stopProgram(server));
      for (const path of [...clusterFolders(dataFolder), folder])
        rmSync(path, { recursive: true, force: true });
      return endings;
    },
  };
}

/** Settings from outside would make it another installation than the one that is shown. */
function ownEnvironment() {
  const isOurs = ([name]) => !name.startsWith("YARD_") && name !== "DATABASE_URL";
  return Object.fromEntries(Object.entries(process.env).filter(isOurs));
}

function settings({ dataFolder, webhookSecret, packs }) {
  return {
    YARD_DATA: dataFolder,
    YARD_PORT: "0",
    YARD_PACKS: packs,
    YARD_SHUTDOWN_GRACE: "0s",
    // The example pack's source `gitea` takes its secret from here.
    GITEA_WEBHOOK_SECRET: webhookSecret,
  };
}

/** When started by root, PostgreSQL keeps its files outside the data folder, which says where. */
function clusterFolders(dataFolder) {
  const record = join(dataFolder, "postgres.json");
  if (!existsSync(record)) return [];
  return [resolve(dataFolder, JSON.parse(readFileSync(record, "utf8")).home)];
}
