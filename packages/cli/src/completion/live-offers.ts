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

const SOURCES: { readonly [kind in Offered]: Source } = {
  runs: ({ runs }, signal) =>
    gathered(runs.list({ signal, limit: RECENT, payloads: "false" }), ({ id, status, ref }) => ({
      word: id,
      about: `${status} ${ref}`,
    })),
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
  nodes: async ({ nodes }, signal) => {
    const all = await gathered(nodes.list({ signal }), (node) => node);
    const usable = all.filter(({ status }) => status !== "revoked");
    return usable.map(({ name, status }) => ({ word: name, about: status }));
  },
  sources: ({ sources }, signal) =>
    gathered(sources.list({ signal }), ({ name, status }) => ({ word: name, about: status })),
  packs: ({ packs }, signal) =>
    gathered(packs.list({ signal }), ({ pack, status }) => ({ word: pack, about: status })),
};

async function gathered<Item, Found>(
  items: AsyncIterable<Item>,
  offer: (item: Item) => Found,
): Promise<Found[]> {
  const offers: Found[] = [];
  for await (const item of items) offers.push(offer(item));
  return offers;
}
