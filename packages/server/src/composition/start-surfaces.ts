import type { Settings } from "../settings/index.ts";
import { type Api, startApi } from "./api.ts";
import type { ApiDeps } from "./api.types.ts";
import type { Closers } from "./closers.ts";
import { startWorkerHttp } from "./worker-http.ts";

/** Serves the API, or, without that role, health and metrics where they are asked for. */
export async function startSurfaces(
  settings: Settings,
  deps: ApiDeps,
  closers: Closers,
): Promise<Api | undefined> {
  if (!settings.roles.includes("api")) {
    const health = await startWorkerHttp(settings, deps);
    if (health !== undefined) closers.add(() => health.close());
    return undefined;
  }
  const api = await startApi(settings, deps);
  closers.add((graceMs) => api.close(graceMs));
  return api;
}
