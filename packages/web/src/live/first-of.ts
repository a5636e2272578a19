export interface Listed<Item> {
  readonly items: readonly Item[];
  /** There are others behind these. */
  readonly hasMore: boolean;
}

/** The first so many of a list, which is asked for one more than these. */
export async function firstOf<Item>(
  most: number,
  list: (limit: number) => AsyncIterable<Item>,
): Promise<Listed<Item>> {
  const found: Item[] = [];
  for await (const item of list(most + 1)) found.push(item);
  return { items: found.slice(0, most), hasMore: found.length > most };
}
