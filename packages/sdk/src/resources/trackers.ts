import type { ChangeTracker, CreateTracker, Tracker, TrackerCheckup } from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

/** No method gives a token back: the server never does. */
export interface TrackersClient {
  /** Of a kind, a token, a source of the same kind, and the projects whose issues are to be known. */
  create(tracker: CreateTracker, options?: CallOptions): Promise<Tracker>;
  /** By name. */
  list(filter?: Listing<object>): AsyncGenerator<Tracker, void, undefined>;
  /** With what keeps it from working. */
  get(name: string, options?: CallOptions): Promise<Tracker>;
  /** What is left out stays. */
  change(name: string, change: ChangeTracker, options?: CallOptions): Promise<Tracker>;
  /** Its source, its events and its deliveries stay. */
  remove(name: string, options?: CallOptions): Promise<void>;
  /** Reaches it with its token, and says what is wrong. */
  check(name: string, options?: CallOptions): Promise<TrackerCheckup>;
  /** Has it asked for changes now; `polled_at` tells when that is done. */
  poll(name: string, options?: CallOptions): Promise<Tracker>;
  /** It is not asked for changes until it is resumed; its webhooks still come in. */
  pause(name: string, options?: CallOptions): Promise<Tracker>;
  /** It is asked for changes again. */
  resume(name: string, options?: CallOptions): Promise<Tracker>;
}

export function createTrackersClient(transport: Transport): TrackersClient {
  const path = (name: string, part = "") => `/v1/trackers/${encodeURIComponent(name)}${part}`;
  return {
    create: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/trackers", body, signal }),
    list: (filter = {}) => listPages(transport, "/v1/trackers", filter),
    get: (name, { signal } = {}) => transport.json({ path: path(name), signal }),
    change: (name, body, { signal } = {}) =>
      transport.json({ method: "PATCH", path: path(name), body, signal }),
    remove: (name, { signal } = {}) =>
      transport.json({ method: "DELETE", path: path(name), signal }),
    check: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: path(name, "/check"), signal }),
    poll: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: path(name, "/poll"), signal }),
    pause: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: path(name, "/pause"), signal }),
    resume: (name, { signal } = {}) =>
      transport.json({ method: "POST", path: path(name, "/resume"), signal }),
  };
}
