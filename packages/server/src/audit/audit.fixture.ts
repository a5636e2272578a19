import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database, Log } from "../db/index.ts";
import { newId } from "../new-id.ts";
import { type Audit, type AuditEntry, createAudit } from "./index.ts";

export interface TestAudit extends Audit {
  readonly dataFolder: string;
  /** The file beside the chain. */
  readonly path: string;
  readonly warned: string[];
  /** Ends it and removes its folder. */
  end(): Promise<void>;
}

/** An audit over a real database, with a data folder of its own. */
export function startAudit(
  database: Pick<Database, "pool" | "connectHot">,
  secrets: readonly string[] = [],
  processId = newId(),
  keepMs?: number,
): TestAudit {
  const dataFolder = mkdtempSync(join(tmpdir(), "yard-audit-"));
  const warned: string[] = [];
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_, message) => void warned.push(message),
    error: (_, message) => void warned.push(message),
  };
  const monotonicMs = (): number => performance.now();
  const audit = createAudit(
    { database, dataFolder, newId, now: Date.now, processId: () => processId, monotonicMs, log },
    { secrets, keepMs },
  );
  return {
    ...audit,
    dataFolder,
    path: join(dataFolder, "audit", "nodes.jsonl"),
    warned,
    async end() {
      await audit.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

export function entryOf(more: Partial<AuditEntry> = {}): AuditEntry {
  return { actor: "token:ada", action: "node.exec", subject: "lab-7", phase: "event", ...more };
}
