/** The client library as the compiler sees it. */
export interface Library {
  readonly exported: ReadonlyMap<string, unknown>;
}

export function readLibrary(root: string): Library;
