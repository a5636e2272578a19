import { randomBytes, randomUUID } from "node:crypto";
import { pairNodeSchema, uuidV7 } from "@yardmaster/protocol";
import type { AuditEntry } from "../../audit/index.ts";
import { type Database, silentLog } from "../../db/index.ts";
import type { Change, Processes } from "../../engine/index.ts";
import { createSealer } from "../../sealing/index.ts";
import { createRegistry, type Registry, type RegistryOptions } from "./registry.ts";
import type { Login, Verdict } from "./registry.types.ts";
import { createTell } from "./tell.ts";

/** The processes of an installation, as a test has them. */
export interface Installation {
  readonly living: Map<string, { host: string; url: string | null }>;
}

export interface TestRegistry {
  readonly registry: Registry;
  readonly announced: Change[];
  readonly audit: AuditEntry[];
  /** This process's id; may be set, as after a session that was ended. */
  readonly self: { id: string };
}

const MASTER_KEY = Buffer.alloc(32, 5);
/** Long: what a test does not wait for must not come by itself. */
const NEVER_MS = 3_600_000;

/** The registry as one API process has it; several may stand on one database. */
export async function startRegistry(
  database: Database,
  installation: Installation = { living: new Map() },
  options: RegistryOptions & { readonly withoutNotices?: boolean } = {},
): Promise<TestRegistry> {
  const announced: Change[] = [];
  const audit: AuditEntry[] = [];
  const self = { id: randomUUID() };
  installation.living.set(self.id, { host: "here", url: null });
  const processes: Processes = {
    id: () => self.id,
    announce: async () => undefined,
    others: () => installation.living.size - 1,
    living: async () => [...installation.living].map(([id, rest]) => ({ id, ...rest })),
    endedAmong: async (ids) => ids.filter((id) => !installation.living.has(id)),
  };
  const tell = createTell({
    engine: {
      commit: async ({ announce = [] }) => {
        announced.push(...announce);
        return "done";
      },
    },
    audit: { record: async (entry) => void audit.push(entry) },
    log: silentLog,
  });
  const registry = await createRegistry(
    {
      database: options.withoutNotices ? { ...deafTo(database) } : database,
      processes,
      sealer: createSealer(MASTER_KEY),
      tell,
      log: silentLog,
      newId: () => uuidV7(Date.now(), randomBytes(10)),
      random: randomBytes,
      monotonicMs: () => performance.now(),
    },
    { sweepMs: NEVER_MS, held: { lookMs: NEVER_MS }, ...options },
  );
  return { registry, announced, audit, self };
}

/** A database whose notices are lost. */
function deafTo(database: Database) {
  const { pool, withTransaction } = database;
  return { pool, withTransaction, listen: async () => ({ stop: async () => undefined }) };
}

/** A base node with its lasting token. */
export async function pairBase(registry: Registry, name: string, more: object = {}) {
  return await registry.pair(pairNodeSchema.parse({ name, client: "base", ...more }), "token:test");
}

/** What the hub gives of a login that `verify` found valid. */
export function loginOf(verdict: Verdict, more: Partial<Login> = {}): Login {
  if (verdict.kind !== "valid") throw new Error(`the token is ${verdict.kind}`);
  const { nodeId, tokenId } = verdict;
  return {
    nodeId,
    tokenId,
    sessionId: randomUUID(),
    address: "192.0.2.7",
    isEncrypted: false,
    client: "yard",
    protocolVersion: "0.1.0",
    capabilities: ["exec", "read", "write"],
    nodeVersion: "v0.2.0",
    platform: "linux",
    arch: "amd64",
    ...more,
  };
}

/** Pairs a base node and logs it in. */
export async function connect(registry: Registry, name: string, more: Partial<Login> = {}) {
  const { token } = await pairBase(registry, name);
  const login = loginOf(await registry.links.verify(name, token), more);
  return { token, login, admission: await registry.links.admit(login) };
}
