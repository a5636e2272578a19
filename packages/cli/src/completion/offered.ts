/** What a server has names of, for a shell to offer while it is typed. */
export const OFFERED = [
  "runs",
  "events",
  "refs",
  "rules",
  "queues",
  "nodes",
  "sources",
  "packs",
] as const;
export type Offered = (typeof OFFERED)[number];

const OF_ARGUMENT: { readonly [name: string]: Offered } = {
  run: "runs",
  event: "events",
  ref: "refs",
  rule: "rules",
  queue: "queues",
  node: "nodes",
};
const OF_OPTION: { readonly [name: string]: Offered } = {
  "--ref": "refs",
  "--parent": "runs",
  "--event": "events",
  "--rule": "rules",
  "--source": "sources",
  "--node": "nodes",
  "--pack": "packs",
};
/** Where the argument's own name does not tell what it is. */
const OF_PLACE: { readonly [path: string]: Offered } = {
  explain: "runs",
  "sources show": "sources",
  "sources rotate": "sources",
  "sources delete": "sources",
  "sources remove": "sources",
};

/** What may stand first behind the command at `path`, whose first argument reads `<run>` or `[run]`. */
export function offeredAt(path: string, argument: string | undefined): Offered | undefined {
  return OF_PLACE[path] ?? OF_ARGUMENT[argument?.replace(/[^a-z]/g, "") ?? ""];
}

export function offeredBehind(option: string): Offered | undefined {
  return OF_OPTION[option];
}
