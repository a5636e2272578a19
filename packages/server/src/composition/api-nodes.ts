import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Audit } from "../audit/index.ts";
import { NODE_LEASE_MS } from "../engine/index.ts";
import { type BodyLimit, createHttp, type Http, type HttpDeps } from "../http/index.ts";
import { newId } from "../new-id.ts";
import { createExplainTarget, createNodeJobs } from "../node-jobs/index.ts";
import { type NodesFeature, startNodes } from "../nodes/index.ts";
import { createSealer, derivedKey } from "../sealing/index.ts";
import { createSecretReader } from "../secrets/index.ts";
import type { Settings } from "../settings/index.ts";
import type { ApiDeps } from "./api.types.ts";
import { attemptLimits } from "./attempt-limits.ts";

/** Nodes that are looked at for who could carry out an attempt that waits, and for who is away. */
const MOST_NODES_EXPLAINED = 1_000;

/** The feature of nodes, with what they do for runs. */
export async function openNodes(
  { insecure, trustProxy, tls, limits, nodes: hub }: Settings,
  { database, engine, metrics, log }: ApiDeps,
  { audit, masterKey }: { readonly audit: Audit; readonly masterKey: Buffer },
): Promise<NodesFeature> {
  const sealer = createSealer(masterKey);
  const feature = await startNodes(
    {
      ...{ database, engine, audit, log, newId },
      metrics: metrics.nodes,
      jobs: createNodeJobs(
        {
          ...{ nodeWork: engine.nodeWork, audit, newId, now: Date.now },
          readSecrets: createSecretReader({ pool: database.pool, sealer: () => sealer }),
          onError: (error, what) => log.warn({ err: error }, what),
        },
        { leaseMs: NODE_LEASE_MS, limits: attemptLimits(limits) },
      ),
      sealer,
      resumeKey: derivedKey(masterKey, "node resume"),
      random: randomBytes,
      now: Date.now,
      monotonicMs: () => performance.now(),
      host: hostname(),
    },
    { insecure, trustProxy, certPath: tls?.certPath, hub },
  );
  metrics.nodes.readLinks(feature.hub.list);
  engine.nodeWork.explainBy(
    createExplainTarget({
      nodes: () => pairedNodes(feature),
      revoked: (name) => feature.registry.revoked(name),
      renamed: (name) => feature.registry.renamed(name),
    }),
  );
  return feature;
}

/** Those that are not revoked. */
export function pairedNodes({ registry }: NodesFeature) {
  return registry.list({
    statuses: ["connected", "reconnecting", "draining", "disconnected", "never_seen"],
    labels: [],
    limit: MOST_NODES_EXPLAINED,
    after: undefined,
  });
}

/** Where nodes come that must not see the API: the upgrade and the swap of pairing tokens, and nothing beside. */
export async function openNodesListener(
  { nodesListener, tls }: Settings,
  deps: HttpDeps,
  nodes: NodesFeature,
  bodyLimit: BodyLimit,
): Promise<Http | undefined> {
  if (nodesListener === undefined) return undefined;
  const http = createHttp(
    { ...deps, routes: nodes.listenerRoutes() },
    { tls, isBare: true, bodyLimit },
  );
  nodes.hub.attach(http.server);
  const { url } = await http.listen(nodesListener.host, nodesListener.port, {
    host: "YARD_NODES_HOST",
    port: "YARD_NODES_PORT",
  });
  deps.log.info({ url }, "nodes are served here, and nothing else");
  return http;
}
