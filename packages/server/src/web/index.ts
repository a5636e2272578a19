export { readPageFiles } from "./page-files.ts";
export { webRoutes } from "./web.routes.ts";
