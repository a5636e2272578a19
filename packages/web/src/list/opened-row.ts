let opened: string | undefined;

/** What a row of a list leads to was opened. Who did it by keyboard is at its row again when they come back. */
export function noteOpened(id: string, isByKeyboard: boolean): void {
  opened = isByKeyboard ? id : undefined;
}

/** A row of a list stands: it gets the focus where its page was opened from there. */
export function focusIfOpened(id: string, row: HTMLElement | null): void {
  // It still has the focus where it is drawn again before its page stands.
  if (row === null || id !== opened || document.activeElement === row) return;
  opened = undefined;
  row.focus();
}
