export { derivedKey, loadMasterKey, masterKeyFlaw } from "./master-key.ts";
export { createSealer, type Sealer } from "./sealing.ts";
