/** The settings with those in place that are given. */
export function over<T extends object>(
  settings: T,
  given: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...settings, ...(Object.fromEntries(set) as Partial<T>) };
}
