/** What to see to when a name is given that another node had before: its machine may still come with it. */
export function displacedWarnings(name: string, displaced: string | undefined): string[] {
  if (displaced === undefined) return [];
  const present = JSON.stringify(displaced);
  return [
    `Node ${displaced} was called ${name} before. Where its machine still gives that name, its next login is refused: write "name": ${present} into its configuration, and start it again.`,
  ];
}
