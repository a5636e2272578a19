/** What the navigation leads to, in its order. */
export const SECTIONS = [
  { to: "/", label: "Runs", pages: ["/runs"] },
  { to: "/events", label: "Events", pages: ["/deliveries"] },
  { to: "/rules", label: "Rules", pages: [] },
  { to: "/tasks", label: "Tasks", pages: [] },
  { to: "/queues", label: "Queues", pages: [] },
  { to: "/nodes", label: "Nodes", pages: [] },
  { to: "/packs", label: "Packs", pages: [] },
  { to: "/questions", label: "Questions", pages: [] },
] as const satisfies readonly Section[];

interface Section {
  readonly to: string;
  readonly label: string;
  /** Where else its pages are: all that begins so. */
  readonly pages: readonly string[];
}

/** Whether the page at a path belongs to a section. */
export function isWithin({ to, pages }: Section, path: string): boolean {
  const begins = to === "/" ? pages : [to, ...pages];
  return path === to || begins.some((begin) => path === begin || path.startsWith(`${begin}/`));
}
