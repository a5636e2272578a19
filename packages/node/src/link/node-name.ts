import type { ServerFrames } from "@yardmaster/protocol/node";
import { nodeName } from "../config/config.ts";
import { messageOf } from "../config/owner-only.ts";
import type { Log } from "../log.ts";

/** What this node is called: as its owner wrote, until the server says otherwise. */
export interface NodeName {
  current(): string;
  /** The server calls it so from now on. Never rejects. */
  renamed(frame: ServerFrames["renamed"]): Promise<void>;
}

/**
 * A name that cannot be stored is used until the process ends: the next one comes with the name before, which the server
 * knows, and is told again.
 */
export function createNodeName(
  name: string,
  { store, log }: { readonly store: (name: string) => Promise<void>; readonly log: Log },
): NodeName {
  let current = name;
  return {
    current: () => current,
    async renamed({ node_name: next }) {
      if (next === current) return;
      if (!nodeName.safeParse(next).success)
        return log("warn", "the server gave this node a name that no node can have");
      const before = current;
      current = next;
      const what = `the server calls this node ${next}, which was ${before}`;
      await store(next).then(
        () => log("info", `${what}; its configuration says so now`),
        (error: unknown) => log("error", `${what}; that is not stored: ${messageOf(error)}`),
      );
    },
  };
}
