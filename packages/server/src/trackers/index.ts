export type { Blocker, Issue } from "./forge/index.ts";
export {
  createTrackerDoor,
  type IssueReading,
  type OpenTracker,
  type TrackerDoor,
} from "./tracker-door.ts";
export { trackerRoutes } from "./trackers.routes.ts";
export { createTrackers, type Trackers } from "./trackers.ts";
