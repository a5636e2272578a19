export { derivedKey, loadMasterKey } from "./master-key.ts";
export { createSealer, type Sealer } from "./sealing.ts";
