/** A part of what a page shows, or why it could not be read: the rest is shown all the same. */
export type Part<Data> =
  | { readonly data: Data; readonly error: null }
  | { readonly data: undefined; readonly error: unknown };

export async function readPart<Data>(read: Promise<Data>): Promise<Part<Data>> {
  try {
    return { data: await read, error: null };
  } catch (error) {
    return { data: undefined, error };
  }
}
