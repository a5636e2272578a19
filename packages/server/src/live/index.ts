export { type StreamOptions, streamRoutes } from "./stream.routes.ts";
