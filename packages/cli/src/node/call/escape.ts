const TILDE = 0x7e;
const DOT = 0x2e;
const LINE_ENDS: readonly number[] = [0x0d, 0x0a];

/**
 * Finds `~.` at the beginning of a line among typed keys, as ssh has it: the way out of a session whose node does not
 * answer. Another key behind the tilde sends both; `~~` sends one tilde.
 */
export function createEscape(): (bytes: Uint8Array) => { bytes: Uint8Array; isLeft: boolean } {
  let isLineStart = true;
  let isHeld = false;

  return (bytes) => {
    const passed: number[] = [];
    for (const byte of bytes) {
      if (isHeld && byte === DOT) return { bytes: Uint8Array.from(passed), isLeft: true };
      if (isHeld && byte !== TILDE) passed.push(TILDE);
      const isTilde = !isHeld && isLineStart && byte === TILDE;
      isHeld = isTilde;
      if (isTilde) continue;
      passed.push(byte);
      isLineStart = LINE_ENDS.includes(byte);
    }
    return { bytes: Uint8Array.from(passed), isLeft: false };
  };
}
