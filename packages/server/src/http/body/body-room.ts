/** What one request takes of the room. */
export interface BodyShare {
  /** False where there is no room for so many bytes more. */
  add(bytes: number): boolean;
  /** All of it is free again; once more is no harm. */
  free(): void;
}

/** Opens the share of a request; of a stranger where it came without a token. */
export type BodyRoom = (isStranger: boolean) => BodyShare;

/** A dozen connections that send half of a webhook and then nothing would else keep the API from all others. */
const OF_STRANGERS = 3 / 4;

/**
 * What the bodies of all requests may take of the memory at a time. Anybody may send webhooks, each is held until it is
 * refused or durable, and while PostgreSQL is away they become ever more: a part of the room is not for them.
 */
export function createBodyRoom(mostBytes: number): BodyRoom {
  const mostOfStrangers = mostBytes * OF_STRANGERS;
  let heldBytes = 0;
  let heldOfStrangers = 0;
  return (isStranger) => {
    let ownBytes = 0;

    function hold(bytes: number): void {
      ownBytes += bytes;
      heldBytes += bytes;
      if (isStranger) heldOfStrangers += bytes;
    }

    return {
      add(bytes) {
        if (heldBytes + bytes > mostBytes) return false;
        if (isStranger && heldOfStrangers + bytes > mostOfStrangers) return false;
        hold(bytes);
        return true;
      },
      free: () => hold(-ownBytes),
    };
  };
}
