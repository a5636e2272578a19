import { type RefObject, useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";

/** How long after its last move the pointer counts as pointing at a row. */
const POINTING_MS = 1_500;
/** How soon the end of a hold is seen. */
const LOOK_EVERY_MS = 500;

export interface Hold {
  readonly list: RefObject<HTMLOListElement | null>;
  /** Whether the top of the list is out of sight. */
  readonly isAway: boolean;
  /** To be told of each move of the pointer over the list. */
  onPointerMove(): void;
  isHeld(): boolean;
  /** Something was held back: `onRelease` is called when nothing holds the list any more. */
  awaitRelease(): void;
}

/**
 * Whether nothing may be put above what a list shows: the reader has gone down the list, points at a row, or has
 * come to one by keyboard. Many rows a second would carry it away.
 */
export function useHold(onRelease: () => void): Hold {
  const list = useRef<HTMLOListElement>(null);
  const pointedUntil = useRef(0);
  const looking = useRef<ReturnType<typeof setInterval>>(undefined);
  const release = useEffectEvent(onRelease);
  const isAway = useSyncExternalStore(subscribeToScroll, () => isAbove(list.current));
  useEffect(() => () => clearInterval(looking.current), []);

  function isHeld(): boolean {
    if (isAbove(list.current) || performance.now() < pointedUntil.current) return true;
    return list.current?.querySelector(":focus-visible") != null;
  }

  function look(): void {
    if (isHeld()) return;
    clearInterval(looking.current);
    looking.current = undefined;
    release();
  }

  return {
    list,
    isAway,
    isHeld,
    onPointerMove: () => {
      pointedUntil.current = performance.now() + POINTING_MS;
    },
    awaitRelease: () => {
      looking.current ??= setInterval(look, LOOK_EVERY_MS);
    },
  };
}

function isAbove(list: HTMLElement | null): boolean {
  return list !== null && list.getBoundingClientRect().top < 0;
}

function subscribeToScroll(listener: () => void): () => void {
  addEventListener("scroll", listener, { passive: true });
  return () => removeEventListener("scroll", listener);
}
