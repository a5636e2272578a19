import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { AuditEntry } from "../../audit/index.ts";
import { silentLog } from "../../db/index.ts";
import { createFakeRegistry, type FakeRegistry } from "./fake-registry.fixture.ts";
import { createHub } from "./hub.ts";
import type { Hub } from "./hub.types.ts";
import type { HubDeps } from "./hub-deps.types.ts";
import type { HubOptions } from "./hub-options.ts";

export interface TestHub {
  readonly hub: Hub;
  readonly registry: FakeRegistry;
  readonly audit: AuditEntry[];
  readonly counted: string[];
  readonly url: string;
  readonly server: Server;
}

/** Looks often, so that no test waits for the clock; what should not come by itself takes long. */
const QUICK: Partial<HubOptions> = { checkMs: 20, closeWaitMs: 500 };

/** A hub behind a listener of its own, with a registry in memory. Closed when the test ends. */
export async function startHub(
  options: Partial<HubOptions> = {},
  deps: Partial<HubDeps> = {},
): Promise<TestHub> {
  const registry = createFakeRegistry();
  const audit: AuditEntry[] = [];
  const counted: string[] = [];
  const hub = createHub(
    {
      registry,
      audit: { record: async (entry) => void audit.push(entry) },
      absent: registry.absent,
      metrics: {
        handshake: (outcome) => counted.push(`handshake ${outcome}`),
        closed: (code) => counted.push(`closed ${code}`),
        call: (kind, outcome) => counted.push(`${kind} ${outcome}`),
        late: () => counted.push("late"),
        badFrame: (why) => counted.push(`bad ${why}`),
      },
      log: silentLog,
      newId: randomUUID,
      random: randomBytes,
      now: Date.now,
      monotonicMs: () => performance.now(),
      ...deps,
    },
    { ...QUICK, ...options },
  );
  const server = createServer((_request, response) => response.writeHead(404).end());
  hub.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    await hub.close(0);
    server.close();
  });
  return { hub, registry, audit, counted, url: `ws://127.0.0.1:${port}/ws/nodes`, server };
}

/** Something that waits until it is let go. */
export function createHold(): { readonly promise: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release: () => release() };
}
