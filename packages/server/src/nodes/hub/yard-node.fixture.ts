import type { FakeNode } from "./fake-registry.fixture.ts";
import { startHub, type TestHub } from "./hub.fixture.ts";
import type { HubOptions } from "./hub-options.ts";
import type { WireClient } from "./wire-client.fixture.ts";
import { startYardClient, type YardClient, type YardClientOptions } from "./yard-client.fixture.ts";

export interface YardNode extends TestHub {
  readonly node: FakeNode;
  readonly yard: YardClient;
}

/** A hub with one node `lab-7`, whose client has all that is ours. */
export async function startYardNode(
  options: Partial<HubOptions> = {},
  client: Partial<YardClientOptions> = {},
  more: Partial<FakeNode> = {},
): Promise<YardNode> {
  const started = await startHub(options);
  const node = started.registry.add("lab-7", more);
  const yard = await startYardClient(started.url, { ...node, ...client });
  return { ...started, node, yard };
}

/** Takes the id of a call when it begins. */
export function noteId() {
  const noted = { id: "" };
  const onStarted = (id: string): void => {
    noted.id = id;
  };
  return { noted, onStarted };
}

/** All that was sent before was taken. */
export async function ping(yard: WireClient): Promise<void> {
  yard.send({ type: "ping", ts: "t" });
  await yard.next("pong");
}
