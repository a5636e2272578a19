/** What a server has names of, for a shell to offer while it is typed. */
export const OFFERED = [
  "runs",
  "live_runs",
  "ended_runs",
  "events",
  "refs",
  "rules",
  "queues",
  "secrets",
  "sensors",
  "tasks",
  "trackers",
  "nodes",
  "known_nodes",
  "sources",
  "packs",
  "inquiries",
  "open_inquiries",
  "tokens",
] as const;
export type Offered = (typeof OFFERED)[number];

const OF_ARGUMENT: { readonly [name: string]: Offered } = {
  run: "runs",
  event: "events",
  ref: "refs",
  rule: "rules",
  queue: "queues",
  secret: "secrets",
  sensor: "sensors",
  task: "tasks",
  tracker: "trackers",
  node: "nodes",
  pack: "packs",
  inquiry: "inquiries",
  token: "tokens",
};
const OF_OPTION: { readonly [name: string]: Offered } = {
  "--ref": "refs",
  "--parent": "runs",
  "--event": "events",
  "--rule": "rules",
  "--source": "sources",
  "--node": "known_nodes",
  "--pack": "packs",
  "--add-pack": "packs",
  "--assigned-to": "tokens",
};
/** Where the argument's own name does not tell what it is, or not which of them can be meant. */
const OF_PLACE: { readonly [path: string]: Offered } = {
  cancel: "live_runs",
  explain: "runs",
  "inquiries answer": "open_inquiries",
  "node show": "known_nodes",
  retry: "ended_runs",
  "runs pause": "live_runs",
  "runs resume": "live_runs",
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
