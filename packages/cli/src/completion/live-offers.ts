import type { NodeStatus } from "@yardmaster/protocol";
import type { RunStatus } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { Offered } from "./offered.ts";

/** A word that can be typed, and what it is. */
export interface Offer {
  readonly word: string;
  readonly about: string;
}

/** As many ids as a screen has room for: the one that is wanted is nearly always new. */
const RECENT = 20;

/** What the server has of that kind now. Shells read a word as their own code, so that none is offered that could be any. */
export async function liveOffers(
  client: Client,
  kind: Offered,
  signal: AbortSignal,
): Promise<Offer[]> {
  const offers = await SOURCES[kind](client, signal);
  return offers.filter(({ word }) => /^[\w.@/][\w.@/-]*$/.test(word)).map(oneLine);
}

function oneLine({ word, about }: Offer): Offer {
  return { word, about: about.replace(/[^\w.@/# -]/g, " ") };
}

type Source = (client: Client, signal: AbortSignal) => Promise<Offer[]>;

/** A revoked node never comes back: it can be looked at, and nothing else. */
const LIVING = (
  [
    "connected",
    "reconnecting",
    "draining",
    "disconnected",
    "never_seen",
  ] satisfies readonly NodeStatus[]
).join(",");

const SOURCES: { readonly [kind in Offered]: Source } = {
  runs: (client, signal) => recentRuns(client, signal),
  live_runs: (client, signal) => runsOf(client, signal, ["queued", "running", "waiting"]),
  ended_runs: (client, signal) => runsOf(client, signal, ["failed", "timed_out", "canceled"]),
  events: ({ events }, signal) =>
    gathered(events.list({ signal, limit: RECENT }), ({ id, type }) => ({ word: id, about: type })),
  refs: async ({ actions, workflows }, signal) => {
    const [first, second] = await Promise.all([
      gathered(workflows.list({ signal }), ({ ref }) => ({ word: ref, about: "workflow" })),
      gathered(actions.list({ signal }), ({ ref }) => ({ word: ref, about: "action" })),
    ]);
    return [...first, ...second];
  },
  rules: ({ rules }, signal) =>
    gathered(rules.list({ signal }), ({ rule, status }) => ({ word: rule, about: status })),
  queues: ({ queues }, signal) =>
    gathered(queues.list({ signal }), ({ name, status }) => ({ word: name, about: status })),
  secrets: ({ secrets }, signal) =>
    gathered(secrets.list({ signal }), ({ name, description }) => ({
      word: name,
      about: description ?? "secret",
    })),
  tasks: ({ tasks }, signal) =>
    gathered(tasks.list({ signal, limit: RECENT }), ({ ref, id, title }) => ({
      word: ref ?? id,
      about: title,
    })),
  sensors: ({ sensors }, signal) =>
    gathered(sensors.list({ signal }), ({ ref, status }) => ({ word: ref, about: status })),
  nodes: ({ nodes }, signal) =>
    gathered(nodes.list({ signal, status: LIVING }), ({ name, status }) => ({
      word: name,
      about: status,
    })),
  known_nodes: async ({ nodes }, signal) => {
    const offers = await gathered(nodes.list({ signal }), ({ name, status }) => ({
      word: name,
      about: status,
    }));
    // The living one of a name comes behind those that had it.
    return offers.filter(({ word }, at) => offers.findLastIndex((one) => one.word === word) === at);
  },
  sources: ({ sources }, signal) =>
    gathered(sources.list({ signal }), ({ name, status }) => ({ word: name, about: status })),
  trackers: ({ trackers }, signal) =>
    gathered(trackers.list({ signal }), ({ name, status }) => ({ word: name, about: status })),
  packs: ({ packs }, signal) =>
    gathered(packs.list({ signal }), ({ pack, status }) => ({ word: pack, about: status })),
  inquiries: (client, signal) => recentInquiries(client, { signal }),
  open_inquiries: (client, signal) => recentInquiries(client, { signal, status: "open" }),
  tokens: ({ tokens }, signal) =>
    gathered(tokens.list({ signal }), ({ name, scopes }) => ({
      word: name,
      about: scopes.join(" "),
    })),
};

function recentInquiries(
  { inquiries }: Client,
  filter: { readonly signal: AbortSignal; readonly status?: "open" },
): Promise<Offer[]> {
  return gathered(
    inquiries.list({ ...filter, limit: RECENT }),
    ({ id, status, title, prompt }) => ({
      word: id,
      about: `${status} ${title ?? prompt}`,
    }),
  );
}

/** The API lists one status at a time. Ids tell the newest. */
async function runsOf(
  client: Client,
  signal: AbortSignal,
  statuses: readonly RunStatus[],
): Promise<Offer[]> {
  const lists = await Promise.all(statuses.map((status) => recentRuns(client, signal, status)));
  return lists
    .flat()
    .sort((a, b) => (a.word < b.word ? 1 : -1))
    .slice(0, RECENT);
}

function recentRuns({ runs }: Client, signal: AbortSignal, status?: RunStatus): Promise<Offer[]> {
  const filter = { signal, limit: RECENT, payloads: "false" as const, ...(status && { status }) };
  return gathered(runs.list(filter), ({ id, status, ref }) => ({
    word: id,
    about: `${status} ${ref}`,
  }));
}

async function gathered<Item>(
  items: AsyncIterable<Item>,
  offer: (item: Item) => Offer,
): Promise<Offer[]> {
  const offers: Offer[] = [];
  for await (const item of items) offers.push(offer(item));
  return offers;
}
