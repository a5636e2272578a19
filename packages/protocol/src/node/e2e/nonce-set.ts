import { randomBytes } from "node:crypto";

/** Nonces that a session has seen. 12 bytes each, twice that in memory: a million of them stay under 32 MB. */
export interface NonceSet {
  /** False where it was there already. */
  add(nonce: Buffer): boolean;
}

const FIRST_SLOTS = 64;
const WORDS = 3;

/**
 * An open hash table over 32-bit words. Its hash is keyed: the peer chooses its nonces, and must not be able to
 * choose ones that fall together. The nonce of zeroes marks a free slot, and is kept apart.
 */
export function createNonceSet(): NonceSet {
  const key = randomBytes(16);
  const factors = [0, 4, 8].map((at) => key.readUInt32LE(at) | 1);
  let slots = FIRST_SLOTS;
  let words = new Uint32Array(slots * WORDS);
  let size = 0;
  let hasZero = false;

  function slotOf(a: number, b: number, c: number): number {
    let hash = key.readUInt32LE(12);
    hash = mixed(hash ^ Math.imul(a, factors[0] as number));
    hash = mixed(hash ^ Math.imul(b, factors[1] as number));
    hash = mixed(hash ^ Math.imul(c, factors[2] as number));
    return hash & (slots - 1);
  }

  /** False where it was there already. */
  function put(a: number, b: number, c: number): boolean {
    for (let slot = slotOf(a, b, c); ; slot = (slot + 1) & (slots - 1)) {
      const at = slot * WORDS;
      const isFree = words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0;
      if (!isFree && words[at] === a && words[at + 1] === b && words[at + 2] === c) return false;
      if (!isFree) continue;
      words[at] = a;
      words[at + 1] = b;
      words[at + 2] = c;
      return true;
    }
  }

  function grow(): void {
    const before = words;
    slots *= 2;
    words = new Uint32Array(slots * WORDS);
    for (let at = 0; at < before.length; at += WORDS) {
      const [a, b, c] = before.subarray(at, at + WORDS) as unknown as [number, number, number];
      if (a !== 0 || b !== 0 || c !== 0) put(a, b, c);
    }
  }

  return {
    add(nonce) {
      const a = nonce.readUInt32LE(0);
      const b = nonce.readUInt32LE(4);
      const c = nonce.readUInt32LE(8);
      if (a === 0 && b === 0 && c === 0) {
        const isNew = !hasZero;
        hasZero = true;
        return isNew;
      }
      if (size * 2 >= slots) grow();
      const isNew = put(a, b, c);
      if (isNew) size++;
      return isNew;
    },
  };
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the output. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
