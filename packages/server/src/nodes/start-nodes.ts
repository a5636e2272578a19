import { randomUUID, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { NewId } from "@yardmaster/protocol";
import type { AuditRecorder } from "../audit/index.ts";
import type { Database, Log } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { type CallKeys, createCallKeys } from "./call-keys.ts";
import { createFindHolder } from "./find-holder.ts";
import { createForward } from "./forward.ts";
import {
  createHub,
  type Hub,
  type HubJobs,
  type HubMetrics,
  type HubOptions,
} from "./hub/index.ts";
import { createOrigins } from "./hub/wire/origin.ts";
import { type NodeRoutesDeps, swapRoute } from "./nodes.routes.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import { createRegistry, type Registry } from "./registry/registry.ts";
import { createTell } from "./registry/tell.ts";
import type { RelayDeps } from "./relay.ts";
import { createTransportGuard, type TransportGuard } from "./transport-guard.ts";

export interface NodesFeatureDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly engine: Pick<RunningEngine, "commit" | "processes">;
  readonly audit: AuditRecorder;
  readonly sealer: Sealer;
  /** Who leases jobs to nodes. */
  readonly jobs?: HubJobs | undefined;
  readonly metrics?: HubMetrics | undefined;
  readonly log: Log;
  readonly newId: NewId;
  readonly random: (bytes: number) => Buffer;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Name of this machine, as sessions carry it. */
  readonly host: string;
  /** 32 bytes that outlive the process: with them nodes come back to their leases after a restart. */
  readonly resumeKey?: Buffer | undefined;
}

export interface NodesFeatureOptions {
  /** Without TLS from anywhere, and not from this machine alone. */
  readonly insecure: boolean;
  /** Addresses and ranges of proxies that end TLS. */
  readonly trustProxy: readonly string[];
  /** Of the certificate that is served; undefined without TLS. */
  readonly certPath: string | undefined;
  readonly hub?: Partial<HubOptions>;
}

/** Nodes of one API process: the registry, the links, and the routes over both. */
export interface NodesFeature extends NodeRoutesDeps {
  readonly nodes: Nodes;
  readonly hub: Hub;
  readonly registry: Registry;
  readonly keys: CallKeys;
  readonly relay: RelayDeps;
  readonly guard: TransportGuard;
  /** What a listener for nodes alone serves beside the upgrade. */
  listenerRoutes(): Route[];
  /** Says goodbye to all nodes, waits for what they do, and closes their links. */
  close(graceMs?: number): Promise<void>;
}

export async function startNodes(
  deps: NodesFeatureDeps,
  options: NodesFeatureOptions,
): Promise<NodesFeature> {
  const { engine, audit, log, newId, monotonicMs } = deps;
  const { processes } = engine;
  const tell = createTell({ engine, audit, log });
  const registry = await createRegistry({ ...deps, processes, tell });
  const hub = createHub(
    {
      registry: registry.links,
      absent: registry.absent,
      audit,
      log,
      jobs: deps.jobs,
      metrics: deps.metrics,
      resumeKey: deps.resumeKey,
      // The wire has ids of the fourth kind.
      newId: randomUUID,
      random: deps.random,
      now: deps.now,
      monotonicMs,
    },
    {
      ...options.hub,
      plain: options.insecure ? "anywhere" : "loopback",
      proxies: options.trustProxy,
    },
  );
  const nodes = createNodes({ registry, hub, audited: { tell, newId, monotonicMs } });
  const guard = createTransportGuard(createOrigins(options.trustProxy), {
    isInsecureAllowed: options.insecure,
  });
  const processId = processes.id;
  const relay: RelayDeps = {
    findHolder: createFindHolder({ hub, registry, processId }),
    forward: createForward({
      processId,
      host: deps.host,
      fingerprint: () => fingerprintOf(options.certPath),
    }),
  };
  const keys = createCallKeys({ pool: deps.database.pool, newId: randomUUID });
  const routes: NodeRoutesDeps = { nodes, relay, guard };
  return {
    ...routes,
    ...{ hub, registry, keys, relay },
    listenerRoutes: () => [swapRoute(routes)],
    async close(graceMs) {
      await hub.close(graceMs);
      await registry.close();
    },
  };
}

/** Read each time: it is renewed while the server runs. */
function fingerprintOf(certPath: string | undefined): string | undefined {
  if (certPath === undefined) return undefined;
  return new X509Certificate(readFileSync(certPath)).fingerprint256;
}
