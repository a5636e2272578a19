import {
  AppError,
  type changeNodeSchema,
  failureCode,
  type JsonObject,
  type NodeE2e,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { z } from "zod";
import { audited } from "../audited.ts";
import { encodeNotice, NODES_CHANNEL } from "../channel.ts";
import { notifyNodes } from "../links/links.store.ts";
import { keepFormerName, takeName } from "../names.store.ts";
import { lockLiveNode, type NodeRow, updateNode } from "../nodes.store.ts";
import type { NodeProfile } from "../registry.types.ts";
import type { RegistryDeps } from "../registry-deps.ts";
import { areTokensSealed } from "../tokens/tokens.store.ts";
import { noSuchNode } from "../views/absent.ts";
import { displacedWarnings } from "./displaced.ts";
import { over } from "./over.ts";

export type ChangeRequest = z.output<typeof changeNodeSchema>;

export interface Changed {
  readonly nodeId: string;
  readonly warnings: readonly string[];
}

/**
 * Changes what the operator decides about a node; a link of it is told.
 * @throws AppError `not_found`, `conflict`
 */
export async function changeNode(
  deps: RegistryDeps,
  name: string,
  change: ChangeRequest,
  by: string,
): Promise<Changed> {
  const action = change.name === undefined ? "node.change" : "node.rename";
  const act = { actor: by, action, subject: name, details: { ...change } as JsonObject } as const;
  const { nodeId, after, displaced } = await audited(deps, act, () =>
    deps.database.withTransaction(async (client) => {
      const before = await lockLiveNode(client, name);
      if (before === undefined) throw await noSuchNode(client, name, "live node");
      const after = changed(before, change);
      if (change.e2e === "off" && before.e2e !== "off") throw mayEncrypt(name);
      if (change.e2e !== undefined && change.e2e !== "off") {
        if (!(await areTokensSealed(client, before.nodeId))) throw notSealed(name, change.e2e);
      }
      const displaced = await write(client, before, after);
      const notice = encodeNotice({ kind: "changed", nodeId: before.nodeId });
      await notifyNodes(client, NODES_CHANNEL, notice);
      return { nodeId: before.nodeId, after, displaced };
    }),
  );
  if (after.name !== name) {
    await deps.tell.announce("renamed", { nodeId, name: after.name }, { before: name, by });
  } else await deps.tell.announce("changed", { nodeId, name }, { by });
  return { nodeId, warnings: displacedWarnings(after.name, displaced) };
}

const UNIQUE_VIOLATION = "23505";

/**
 * Gives the live node that was known by the new name, and is so no more. Of two nodes that are given one name at once the
 * later finds it in the index, and not in its snapshot.
 */
async function write(
  client: ClientBase,
  before: NodeRow,
  after: NodeProfile,
): Promise<string | undefined> {
  const isDone = await updateNode(client, after).catch((error: unknown) => {
    if (failureCode(error) === UNIQUE_VIOLATION) return false;
    throw error;
  });
  if (!isDone) throw taken(after.name);
  if (after.name === before.name) return undefined;
  const displaced = await takeName(client, after.nodeId, after.name);
  await keepFormerName(client, before.nodeId, before.name);
  return displaced;
}

function changed(before: NodeRow, change: ChangeRequest): NodeProfile {
  const { nodeId, name, e2e, grants, base, operatorLabels } = before;
  return {
    nodeId,
    name: change.name ?? name,
    e2e: change.e2e ?? e2e,
    grants: over(grants, change.grants),
    base: over(base, change.base),
    operatorLabels: change.labels ?? operatorLabels,
  };
}

function taken(name: string): AppError {
  return new AppError("conflict", `There is a node ${name} already; choose another name.`, {
    errors: [{ path: "/name", message: "is a live node's" }],
  });
}

/** A node that has encrypted shows no token in clear: it would dial in vain until its owner says so. */
function mayEncrypt(name: string): AppError {
  return new AppError(
    "conflict",
    `${name} may encrypt end to end, and would be locked out if that ended here alone. Give it a new token: yard node rotate ${name} --e2e off`,
    { errors: [{ path: "/e2e", message: "ends with a new token" }] },
  );
}

function notSealed(name: string, e2e: NodeE2e): AppError {
  return new AppError(
    "conflict",
    `The token of ${name} is not kept sealed, which end-to-end encryption needs. Give it a new one: yard node rotate ${name} --e2e ${e2e}`,
    { errors: [{ path: "/e2e", message: "needs a sealed token" }] },
  );
}
