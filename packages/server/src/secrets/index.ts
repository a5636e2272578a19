export { type ReadSecretPlace, readSecretPlace } from "./secret-place.ts";
export { createSecretReader } from "./secret-reader.ts";
export { secretRoutes } from "./secrets.routes.ts";
export { createSecrets, type Secrets, type UnmetUse } from "./secrets.ts";
