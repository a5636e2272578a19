/**
 * The wire between server and nodes: frames, limits, codes, versions, capabilities and end-to-end encryption.
 * Needs Node (Buffer, node:crypto), so it stands apart from the rest of the protocol.
 */
export * from "./base64.ts";
export * from "./binary.ts";
export * from "./capabilities.ts";
export * from "./close-codes.ts";
export * from "./decode.ts";
export * from "./e2e/keys.ts";
export * from "./e2e/sealing.ts";
export * from "./encode.ts";
export * from "./frames/index.ts";
export * from "./gate.ts";
export * from "./limits.ts";
export * from "./reasons.ts";
export * from "./version.ts";
