/** An option that may be given again. */
export function gatherText(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}
