import {
  createKeyPair,
  createSealing,
  handshakeKey,
  isProof,
  proofOf,
  type Sealing,
  sessionKey,
} from "@yardmaster/protocol/node";
import type { NodeSecret } from "../../registry/registry.types.ts";

/** Our half of the key exchange, as hello_ack carries it, and who it turns out to be. */
export interface E2eOffer {
  readonly ecdh_pub: string;
  readonly salt: string;
  /** The token that a proof stands on, or undefined. Takes the same time whichever it is. */
  judge(proof: string): E2eProof | undefined;
}

export interface E2eProof {
  readonly secret: NodeSecret;
  /** The server's, for auth_ok. */
  readonly proof: string;
  sealing(): Sealing;
}

/** Undefined where the node's key is none that a secret can be made of. */
export function createE2eOffer(
  nodePublic: string,
  secrets: readonly NodeSecret[],
  {
    sessionId,
    random,
    sealedFrames,
  }: {
    readonly sessionId: string;
    readonly random: (bytes: number) => Buffer;
    readonly sealedFrames: number;
  },
): E2eOffer | undefined {
  const pair = createKeyPair(random(32));
  const salt = random(32).toString("base64url");
  const keys = secrets.map((secret) => ({
    secret,
    key: handshakeKey({
      privateKey: pair.privateKey,
      peerPublic: nodePublic,
      salt,
      token: secret.text,
    }),
  }));
  if (keys.some(({ key }) => key === undefined)) return undefined;
  return {
    ecdh_pub: pair.publicText,
    salt,
    judge(proof) {
      const right = keys.filter(({ key }) => isProof(key as Buffer, "client-auth", proof));
      const [first] = right;
      if (first === undefined) return undefined;
      const key = first.key as Buffer;
      return {
        secret: first.secret,
        proof: proofOf(key, "server-auth"),
        sealing: () => createSealing({ key: sessionKey(key, sessionId), framesMost: sealedFrames }),
      };
    },
  };
}
