import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { TOKEN } from "../crash/installation.mjs";
import { judge } from "../crash/judge.mjs";
import { lastLines } from "../crash/logs.mjs";
import { until } from "../crash/waiting.mjs";
import { workGoesOn } from "./at-work.mjs";
import { ownPrograms, startCluster } from "./cluster.mjs";
import { createWorld } from "./world.mjs";

const ROLES = { owner: "api,scheduler,worker", other: "scheduler,worker" };
const REF = "crash.echoes";
const DISK_MB = 256;
const BLOCK = Buffer.alloc(64 * 1024);
const FULL_MS = 4_000;
const ASKED_WITHIN_MS = 5_000;

export const DISK_FAULTS = [{ name: "disk: full under PostgreSQL, 4 s" }];

/** PostgreSQL's disk is full for a while, under load: new work is refused with the reason, all goes on afterwards. */
export async function runDisk({ seed, tell }) {
  const disk = ownPrograms() === undefined ? undefined : mountDisk();
  if (disk === undefined) {
    console.log("skipped: only root can mount a small disk, and the machine needs a pg_ctl");
    return { faults: [], checks: [] };
  }
  const postgres = await startCluster({ parent: disk.folder });
  const world = await createWorld({ seed, roles: ROLES, postgres });
  const { crew, installation, client } = world;
  try {
    await crew.start();
    const load = world.startLoad();
    await workGoesOn(installation);
    const asker = createAsker(installation.url, load);
    disk.fill();
    const said = await until("new work is refused", asker.refusal);
    await pause(FULL_MS);
    disk.free();
    // Where it could not even write its log it has ended: whoever looks after the disk starts it again.
    const died = !(await postgres.isRunning());
    if (died) await postgres.start();
    const recoveredMs = await workGoesOn(installation);
    const fault = { name: DISK_FAULTS[0].name, recoveredMs, said, died };
    tell({ kind: "fault", ...fault });
    await asker.settle(client);
    await load.stop();
    const judged = await judge({ crew, installation, client, load });
    const isClear = /disk is full|out of reach/.test(said);
    judged.checks.push({
      name: "what is new is refused with the reason",
      violations: isClear ? [] : [said],
    });
    return { faults: [fault], ...judged };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    disk.free();
    await world.remove();
    disk.remove();
  }
}

/** A disk of its own in memory; undefined where this process may not have one. */
function mountDisk() {
  const folder = mkdtempSync(join(tmpdir(), "yard-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m,mode=0711`, "tmpfs", folder], {
      stdio: "ignore",
    });
  } catch {
    rmdirSync(folder);
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const file = openSync(filler, "w");
      try {
        for (;;) writeSync(file, BLOCK);
      } catch (error) {
        if (error.code !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync("umount", [folder]);
      rmdirSync(folder);
    },
  };
}

/** Somebody who asks for runs, one after the other, until one is refused. */
function createAsker(url, load) {
  let asked = 0;
  const key = () => `disk-${asked}`;
  const keep = ({ id }) => {
    load.runs.set(id, { id, ref: REF, input: {}, attempts: new Map() });
    asked += 1;
  };
  return {
    /** What the server says; undefined while it takes the run, or does not answer. */
    async refusal() {
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
        "idempotency-key": key(),
      };
      const body = JSON.stringify({ ref: REF, input: {} });
      const signal = AbortSignal.timeout(ASKED_WITHIN_MS);
      const sent = fetch(`${url}/v1/runs`, { method: "POST", headers, body, signal });
      const response = await sent.catch(() => undefined);
      const answer = await response?.json();
      if (response?.status === 202) keep(answer);
      return response?.status === 503 ? answer.detail : undefined;
    },
    /** What nobody answered may have been started. */
    settle: async (client) => keep((await client.startRun(REF, {}, key())).body),
  };
}
