import {
  agreeCapabilities,
  agreeVersion,
  type Capability,
  CLOSE,
  HANDSHAKE_REASONS,
  type HandshakeReason,
  NODE_PROTOCOL_VERSION,
  type NodeFrames,
} from "@yardmaster/protocol/node";
import type { Admission, HelloPolicy } from "../../registry/registry.types.ts";
import type { Incoming } from "../wire/channel.ts";
import { createE2eOffer, type E2eOffer, type E2eProof } from "./e2e-offer.ts";
import type { Entry, Handshake, HandshakeDeps, HandshakePeer } from "./handshake.types.ts";
import { type Identity, ofProof, ofToken, type RefusedToken } from "./whose-token.ts";
import { allowedCapabilities, isBaseClient } from "./withhold.ts";

/**
 * hello: until the node has said who it is. greeting: until the registry knows how to speak to it. auth: until it has
 * shown its token. judging: until the registry has said whose token it is, and has made this its session. over: refused,
 * admitted or gone.
 */
type State = "hello" | "greeting" | "auth" | "judging" | "over";

const TOO_OFTEN = { detail: "the node has logged in too often within the last minute" };

interface Greeted {
  readonly hello: NodeFrames["hello"];
  readonly version: string;
  readonly agreeUnder: Entry["agreeUnder"];
  readonly capabilities: readonly Capability[];
  readonly offer: E2eOffer | undefined;
}

/** The order: hello, hello_ack, auth, auth_ok. Every refusal is a frame that says why, then its close code. */
export function createHandshake(deps: HandshakeDeps, peer: HandshakePeer): Handshake {
  const { registry } = deps;
  const sessionId = deps.newId();
  let state: State = "hello";
  let since = deps.monotonicMs();
  let greeted: Greeted | undefined;
  let saidName: string | undefined;
  let identity: Identity | undefined;
  let voided: "revoked" | "superseded" | undefined;

  function move(to: State): void {
    state = to;
    since = deps.monotonicMs();
  }

  function refuse(
    reason: HandshakeReason,
    more: { readonly detail?: string; readonly retry_after_ms?: number } = {},
  ): void {
    const code = HANDSHAKE_REASONS[reason];
    if (state === "hello" || state === "greeting") {
      const ours =
        reason === "unsupported_protocol_version"
          ? { server_max_version: NODE_PROTOCOL_VERSION }
          : {};
      peer.send({ type: "hello_err", reason, code, ...ours });
    } else peer.send({ type: "auth_err", reason, code, ...more });
    close(code, reason);
  }

  function refuseToken({ refused, detail, known }: RefusedToken): void {
    refuse(refused, { ...(detail !== undefined && { detail }) });
    if (known === undefined) return;
    registry.refused({ nodeId: known.nodeId, reason: known.why, address: peer.address });
  }

  function close(code: number, reason: string): void {
    move("over");
    peer.close(code);
    peer.refused(reason, saidName);
  }

  /** Runs a step that asks the registry; what it cannot answer is a fault of ours, and no verdict. */
  function step(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (state === "over") return;
      peer.fault(error);
      close(CLOSE.server_fault, "server_fault");
    });
  }

  async function greet(hello: NodeFrames["hello"]): Promise<void> {
    saidName = hello.node_name;
    const version = agreeVersion(hello.protocol_version);
    if ("unsupported" in version) return refuse("unsupported_protocol_version");
    move("greeting");
    const policy = await registry.helloPolicy(hello.node_name);
    if (state !== "greeting") return;
    const offer = offerTo(hello, policy);
    if (offer === "bad key") return refuse("bad_hello");
    const { capabilities: offered } = hello;
    const session = { offersE2e: offer !== undefined, hasJobs: deps.hasJobs };
    const agreeUnder: Greeted["agreeUnder"] = ({ grants, base }) =>
      agreeCapabilities(
        offered,
        allowedCapabilities({ grants, base, ...session }, isBaseClient(offered)),
      );
    const capabilities = [...agreeUnder(policy)];
    greeted = { hello, version: version.agreed, agreeUnder, capabilities, offer };
    move("auth");
    peer.send({
      type: "hello_ack",
      protocol_version: version.agreed,
      session_id: sessionId,
      server_time: deps.timestamp(),
      capabilities,
      ...(offer && { ecdh_pub: offer.ecdh_pub, salt: offer.salt }),
    });
  }

  /** A token's text is kept where its node encrypts, or will with the login that a rotation waits for. */
  function offerTo(
    hello: NodeFrames["hello"],
    { secrets }: HelloPolicy,
  ): E2eOffer | undefined | "bad key" {
    if (hello.e2e !== true || hello.ecdh_pub === undefined) return undefined;
    if (secrets.length === 0) return undefined;
    return createE2eOffer(hello.ecdh_pub, secrets, { ...deps, sessionId }) ?? "bad key";
  }

  async function judge(auth: NodeFrames["auth"], agreed: Greeted): Promise<void> {
    move("judging");
    if (auth.node_name !== agreed.hello.node_name) return refuse("unknown_node");
    const proven = auth.proof === undefined ? undefined : agreed.offer?.judge(auth.proof);
    const whose =
      auth.token === undefined
        ? ofProof(proven)
        : ofToken(await registry.verify(auth.node_name, auth.token));
    if (state !== "judging") return;
    if ("refused" in whose) return refuseToken(whose);
    const waitMs = deps.loginRate.take(whose.tokenId, deps.monotonicMs());
    if (waitMs > 0) return refuse("rate_limit_exceeded", { ...TOO_OFTEN, retry_after_ms: waitMs });
    identity = whose;
    const admission = await registry.admit({
      ...identity,
      sessionId,
      address: peer.address,
      isEncrypted: peer.isTls || proven !== undefined,
      client: isBaseClient(agreed.hello.capabilities) ? "base" : "yard",
      protocolVersion: agreed.version,
      capabilities: agreed.capabilities,
      nodeVersion: agreed.hello.node_version ?? null,
      platform: agreed.hello.platform ?? null,
      arch: agreed.hello.arch ?? null,
    });
    enter(admission, agreed, proven);
  }

  function enter(admission: Admission, agreed: Greeted, proven: E2eProof | undefined): void {
    if (admission.kind === "admitted" && (state !== "judging" || voided !== undefined)) {
      leave(state === "judging" ? "its session was ended before it began" : "it hung up");
    }
    if (state !== "judging") return;
    if (admission.kind === "revoked" || voided === "revoked") return refuse("revoked");
    if (admission.kind === "conflict")
      return refuseToken({
        refused: "name_conflict",
        known: identity && { nodeId: identity.nodeId, why: "name_conflict" },
      });
    if (voided === "superseded") return close(CLOSE.superseded, "superseded");
    move("over");
    peer.admit({
      sessionId,
      epoch: admission.epoch,
      node: admission.node,
      capabilities: agreed.capabilities,
      agreeUnder: agreed.agreeUnder,
      protocolVersion: agreed.version,
      hello: agreed.hello,
      client: isBaseClient(agreed.hello.capabilities) ? "base" : "yard",
      address: peer.address,
      isTls: peer.isTls,
      e2e: proven && { proof: proven.proof, sealing: proven.sealing() },
    });
  }

  function leave(reason: string): void {
    registry.left(sessionId, reason).catch(peer.fault);
  }

  function take(incoming: Incoming): void {
    if (state === "over") return;
    if ("flaw" in incoming && incoming.flaw.reason === "too_large")
      return close(CLOSE.too_big, "too_big");
    const frame = "ok" in incoming ? incoming.ok : undefined;
    if (state === "auth" && frame?.type === "auth" && greeted !== undefined) {
      const agreed = greeted;
      return step(() => judge(frame, agreed));
    }
    if (state === "auth" || state === "judging") return refuse("expected_auth");
    if (state === "hello" && frame?.type === "hello") return step(() => greet(frame));
    refuse(state === "hello" && isBadHello(incoming) ? "bad_hello" : "expected_hello");
  }

  return {
    sessionId,
    get nodeId() {
      return identity?.nodeId;
    },
    take,
    check(nowMs) {
      const waitedMs = nowMs - since;
      if (state === "hello" || state === "auth") {
        if (waitedMs >= deps.handshakeMs) refuse("handshake_timeout");
      } else if (state !== "over" && waitedMs >= 2 * deps.handshakeMs) {
        peer.fault(new Error("the registry does not answer (h4n2)"));
        close(CLOSE.server_fault, "server_fault");
      }
    },
    void(why) {
      voided = why;
    },
    end() {
      if (state === "over") return;
      const reason = state === "auth" ? "hung_up_greeted" : "hung_up";
      state = "over";
      peer.refused(reason, saidName);
    },
  };
}

/** What has no type that says otherwise was meant to be one. */
function isBadHello(incoming: Incoming): boolean {
  if (!("flaw" in incoming)) return false;
  return incoming.flaw.type === undefined || incoming.flaw.type === "hello";
}
