export { derivedKey, loadMasterKey, masterKeyFlaw } from "./master-key.ts";
export { createSealer, type Sealer } from "./sealing.ts";
export { readSecretPlace } from "./secret-place.ts";
