export { createTrackerRunner } from "./acting/tracker-runner.ts";
export type { Blocker, Issue } from "./forge/index.ts";
export { deleteOldFinds } from "./hearing/finds.store.ts";
export { createIssueWatch } from "./hearing/issue-watch.ts";
export { type PollingTrackers, pollTrackers } from "./poll-trackers.ts";
export type { PollObserver } from "./polling/poll-tracker.ts";
export {
  createTrackerDoor,
  type IssueReading,
  type OpenTracker,
  type TrackerDoor,
} from "./tracker-door.ts";
export { trackerRoutes } from "./trackers.routes.ts";
export { createTrackers, type Trackers } from "./trackers.ts";
