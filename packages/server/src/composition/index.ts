export type { Api } from "./api.ts";
export { type ApiFeatures, apiRoutes } from "./api-routes.ts";
export { createClosers } from "./closers.ts";
export { createPatience } from "./patience.ts";
export { prepareDatabase } from "./prepare-database.ts";
export { startSurfaces } from "./start-surfaces.ts";
export { startWork, type Work } from "./start-work.ts";
