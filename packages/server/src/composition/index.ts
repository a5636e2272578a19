export { type Api, startApi } from "./api.ts";
export { type ApiFeatures, apiRoutes } from "./api-routes.ts";
export { type EngineParts, startEngine } from "./start-engine.ts";
export { startSensors } from "./start-sensors.ts";
export { startWorkerHttp } from "./worker-http.ts";
