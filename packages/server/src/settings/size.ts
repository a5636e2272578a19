const UNITS = { B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const;
const SIZE = /^(\d{1,15}(?:\.\d{1,3})?)(B|KiB|MiB|GiB)$/;

/** Bytes of a size as people write it, `512KiB` or `1.5MiB`; undefined where it is none, or no whole number of bytes. */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = SIZE.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Number(number) * UNITS[unit as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The text that `parseSize` reads back, in the largest unit of which it is a whole number. */
export function formatSize(bytes: number): string {
  const units = Object.entries(UNITS).reverse();
  const [unit, size] = units.find(([, each]) => bytes >= each && bytes % each === 0) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}
