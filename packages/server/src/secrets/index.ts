export { derivedKey, loadMasterKey, MASTER_KEY_FILE, masterKeyFromText } from "./master-key.ts";
export { createSealer, type Sealer } from "./sealing.ts";
