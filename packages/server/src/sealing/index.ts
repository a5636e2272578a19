/** The master key, and what is sealed under it: of sources, nodes and secrets. */
export { derivedKey, findMasterKey, loadMasterKey, masterKeyFlaw } from "./master-key.ts";
export { createSealer, type Sealer } from "./sealing.ts";
