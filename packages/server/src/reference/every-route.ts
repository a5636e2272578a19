import { type ApiFeatures, apiRoutes } from "../composition/index.ts";
import { type Route, withOwnRoutes } from "../http/index.ts";
import { VERSION } from "../version.ts";

/** Every documented route of the server, described over features that do not exist: nothing here is ever called. */
export function everyRoute(): Route[] {
  const nothing = {
    engine: {},
    stepFiles: {},
    packs: {},
    rules: {},
    inbox: {},
    events: {},
    trials: {},
    replays: {},
    queues: {},
    sensors: {},
    secrets: {},
    inquiries: {},
    tasks: {},
    doctor: {},
    auth: {},
    metrics: {},
    nodes: {},
    audit: {},
  } satisfies Record<keyof ApiFeatures, object>;
  const never = (): never => {
    throw new Error("a description is not served (r3f1)");
  };
  return withOwnRoutes(apiRoutes(nothing as unknown as ApiFeatures), {
    ready: never,
    status: never,
    version: VERSION,
  });
}
