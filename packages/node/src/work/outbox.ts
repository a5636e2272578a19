import type { Capability, OutgoingNodeFrame } from "@yardmaster/protocol/node";
import type { WorkLink } from "./work.types.ts";

/** The way to the server, whichever link it is at the moment, or none. */
export interface Outbox {
  /** False where no link is up: nothing was sent. */
  send(frame: OutgoingNodeFrame): boolean;
  has(capability: Capability): boolean;
  /** The link has more queued than it likes: no bulk frames for now. */
  isFull(): boolean;
  /** Calls a listener whenever there is room again, until the answered function is called. */
  onRoom(listener: () => void): () => void;
  sessionId(): string | null;
}

export interface OutboxEnds {
  readonly outbox: Outbox;
  linkUp(link: WorkLink): void;
  linkDown(): void;
}

export function createOutbox(): OutboxEnds {
  const listeners = new Set<() => void>();
  let link: WorkLink | undefined;
  let isFull = false;

  const awaitRoom = (full: WorkLink): void => {
    isFull = true;
    void full.drained().then(() => {
      if (full !== link) return;
      isFull = false;
      for (const tell of [...listeners]) tell();
    });
  };

  return {
    linkUp(given) {
      link = given;
      isFull = false;
    },
    linkDown() {
      link = undefined;
      isFull = false;
    },
    outbox: {
      send(frame) {
        const sent = link?.send(frame) ?? "gone";
        if (sent === "full" && link !== undefined && !isFull) awaitRoom(link);
        return sent !== "gone";
      },
      has: (capability) => link?.has(capability) === true,
      isFull: () => isFull,
      onRoom(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      sessionId: () => link?.sessionId ?? null,
    },
  };
}
