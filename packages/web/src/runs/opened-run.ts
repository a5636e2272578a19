let opened: string | undefined;

/** A run was opened from the list. Who did it by keyboard is at its row again when they come back. */
export function noteOpened(id: string, isByKeyboard: boolean): void {
  opened = isByKeyboard ? id : undefined;
}

/** A row of the list stands: it gets the focus where its run was opened from there. */
export function focusIfOpened(id: string, row: HTMLElement | null): void {
  // It still has the focus where it is drawn again before the page of its run stands.
  if (row === null || id !== opened || document.activeElement === row) return;
  opened = undefined;
  row.focus();
}
