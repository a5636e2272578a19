import { randomBytes } from "node:crypto";
import { AppError, type NodeBase, type NodeE2e, type NodeGrants } from "@yardmaster/protocol";
import type {
  AbsentNode,
  Admission,
  LinkRegistry,
  Login,
  LostSession,
  NodeFacts,
  NodeProfile,
  NodeRefused,
  Verdict,
} from "../registry/registry.types.ts";

const GRANTS: NodeGrants = { exec: true, read: true, write: true, jobs: true, paths: null };
const BASE: NodeBase = { chunks: "on", env: "forward", stdin_guard: false };

export interface FakeNode {
  readonly nodeId: string;
  name: string;
  formerNames: readonly string[];
  token: string;
  tokenId: string;
  isRevoked: boolean;
  e2e: NodeE2e;
  /** Its token is the next one, and brings encryption. */
  bringsE2e: boolean;
  grants: NodeGrants;
  base: NodeBase;
  epoch: number;
  sessionId: string | null;
}

export interface Told {
  readonly what: "admit" | "reconnecting" | "draining" | "left" | "info";
  readonly sessionId: string;
  readonly more: unknown;
}

/** A registry in memory, of the port's shape, that tests can hold up and look into. */
export interface FakeRegistry extends LinkRegistry {
  readonly told: Told[];
  /** What was noted of logins that were refused. */
  readonly refusals: readonly NodeRefused[];
  readonly nodes: readonly FakeNode[];
  add(name: string, more?: Partial<FakeNode>): FakeNode;
  change(node: FakeNode, more: Partial<FakeNode>): void;
  /** As a revocation does: marked first, then told. */
  revoke(node: FakeNode): void;
  replaceElsewhere(node: FakeNode): void;
  absent(ref: string): Promise<AbsentNode>;
  /** Called before each answer: a promise holds it up, a throw is a database that is away. */
  before: (step: "helloPolicy" | "verify" | "admit") => Promise<void> | void;
  conflict: boolean;
}

export function createFakeRegistry(): FakeRegistry {
  const nodes: FakeNode[] = [];
  const told: Told[] = [];
  const refusals: NodeRefused[] = [];
  const revoked = new Set<(lost: LostSession) => void>();
  const replaced = new Set<(lost: LostSession) => void>();
  const changed = new Set<(node: NodeProfile) => void>();
  const byName = (name: string): FakeNode | undefined =>
    nodes.filter((node) => [node.name, ...node.formerNames].includes(name)).at(-1);
  const tell = (what: Told["what"], sessionId: string, more: unknown = null): void => {
    told.push({ what, sessionId, more });
  };
  const listen = <T>(listeners: Set<T>, listener: T): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const registry: FakeRegistry = {
    told,
    refusals,
    nodes,
    conflict: false,
    before: () => undefined,
    add(name, more = {}) {
      const node: FakeNode = {
        nodeId: `id-of-${name}-${nodes.length}`,
        name,
        formerNames: [],
        token: randomBytes(32).toString("base64url"),
        tokenId: `token-of-${name}`,
        isRevoked: false,
        e2e: "off",
        bringsE2e: false,
        grants: GRANTS,
        base: BASE,
        epoch: 0,
        sessionId: null,
        ...more,
      };
      nodes.push(node);
      return node;
    },
    change(node, more) {
      Object.assign(node, more);
      for (const listener of changed) listener(profileOf(node));
    },
    revoke(node) {
      node.isRevoked = true;
      const { nodeId, sessionId } = node;
      if (sessionId !== null) for (const listener of revoked) listener({ nodeId, sessionId });
    },
    replaceElsewhere(node) {
      const { nodeId, sessionId } = node;
      node.epoch++;
      node.sessionId = "elsewhere";
      if (sessionId !== null) for (const listener of replaced) listener({ nodeId, sessionId });
    },
    async helloPolicy(name) {
      await registry.before("helloPolicy");
      const node = byName(name);
      if (node === undefined) return { e2e: "off", secrets: [], grants: GRANTS, base: BASE };
      const { e2e, bringsE2e, grants, base, nodeId, tokenId, token: text, isRevoked } = node;
      const isSealed = e2e !== "off" || bringsE2e;
      const over = isRevoked ? ("node_revoked" as const) : undefined;
      const secrets = isSealed ? [{ nodeId, tokenId, text, over }] : [];
      return { e2e, secrets, grants, base };
    },
    async verify(name, token): Promise<Verdict> {
      await registry.before("verify");
      const node = byName(name);
      if (node?.token !== token) {
        const other = nodes.find((each) => each.token === token && !each.isRevoked);
        if (other === undefined) return { kind: "invalid", known: undefined };
        const known = { nodeId: other.nodeId, why: "other_name" } as const;
        return { kind: "renamed", name: other.name, known };
      }
      if (node.isRevoked)
        return { kind: "revoked", known: { nodeId: node.nodeId, why: "node_revoked" } };
      return { kind: "valid", nodeId: node.nodeId, tokenId: node.tokenId, e2e: node.e2e };
    },
    async admit(login: Login): Promise<Admission> {
      const node = nodes.find(({ nodeId }) => nodeId === login.nodeId);
      if (node === undefined || node.isRevoked) return { kind: "revoked" };
      if (registry.conflict) return { kind: "conflict" };
      const before = node.sessionId;
      node.sessionId = login.sessionId;
      node.epoch++;
      const admission: Admission = {
        kind: "admitted",
        epoch: node.epoch,
        node: profileOf(node),
        replaced: before,
      };
      await registry.before("admit");
      tell("admit", login.sessionId, login);
      return admission;
    },
    async reconnecting(sessionId, graceMs) {
      tell("reconnecting", sessionId, graceMs);
      return true;
    },
    async draining(sessionId, reason) {
      tell("draining", sessionId, reason);
      return true;
    },
    async left(sessionId, reason) {
      for (const node of nodes) if (node.sessionId === sessionId) node.sessionId = null;
      tell("left", sessionId, reason);
    },
    async info(sessionId: string, facts: NodeFacts) {
      tell("info", sessionId, facts);
    },
    refused: (refusal) => void refusals.push(refusal),
    load: () => undefined,
    seen: () => undefined,
    onRevoked: (listener) => listen(revoked, listener),
    onReplaced: (listener) => listen(replaced, listener),
    onChanged: (listener) => listen(changed, listener),
    async absent(ref) {
      const node = nodes.find(({ nodeId, name }) => nodeId === ref || name === ref);
      if (node === undefined)
        return { node: null, error: new AppError("not_found", `There is no node ${ref}`) };
      const code = node.isRevoked ? "node_revoked" : "node_offline";
      return { node, error: new AppError(code, `The node ${node.name} is not here`) };
    },
  };
  return registry;
}

function profileOf({ nodeId, name, e2e, grants, base }: FakeNode): NodeProfile {
  return { nodeId, name, e2e, grants, base, operatorLabels: {} };
}
