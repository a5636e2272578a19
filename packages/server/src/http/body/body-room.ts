/** What one request takes of the room. */
export interface BodyShare {
  /** False where there is no room for so many bytes more. */
  add(bytes: number): boolean;
  /** All of it is free again; once more is no harm. */
  free(): void;
}

/** Opens the share of a request. */
export type BodyRoom = () => BodyShare;

/**
 * What the bodies of all requests may take of the memory at a time. Anybody may send webhooks, each is held until it is
 * refused or durable, and while PostgreSQL is away they become ever more.
 */
export function createBodyRoom(mostBytes: number): BodyRoom {
  let heldBytes = 0;
  return () => {
    let ownBytes = 0;
    return {
      add(bytes) {
        if (heldBytes + bytes > mostBytes) return false;
        heldBytes += bytes;
        ownBytes += bytes;
        return true;
      },
      free() {
        heldBytes -= ownBytes;
        ownBytes = 0;
      },
    };
  };
}
