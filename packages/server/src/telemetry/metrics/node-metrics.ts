import type { Register } from "./register.ts";

/** What a process counts of nodes: told by the hub of links, called for every call. */
export interface NodeMetrics {
  handshake(outcome: string): void;
  closed(code: number): void;
  call(kind: string, outcome: string, tookMs: number): void;
  late(): void;
  badFrame(why: string): void;
  /** Where the links that are held now are read from; called once. */
  readLinks(list: () => readonly { readonly status: string }[]): void;
}

const STATES = ["connected", "reconnecting", "draining"];

export function nodeMetrics({ counter, gauge, histogram }: Register): NodeMetrics {
  const handshakes = counter("yard_node_handshakes_total");
  const closes = counter("yard_node_links_closed_total");
  const calls = counter("yard_node_calls_total");
  const times = histogram("yard_node_call_duration_seconds");
  const late = counter("yard_node_late_frames_total");
  const bad = counter("yard_node_bad_frames_total");
  let links: () => readonly { readonly status: string }[] = () => [];
  gauge("yard_node_links", (metric) => {
    const held = links();
    for (const state of STATES)
      metric.set({ state }, held.filter(({ status }) => status === state).length);
  });
  return {
    handshake: (outcome) => handshakes.inc({ outcome }),
    closed: (code) => closes.inc({ code: String(code) }),
    call(kind, outcome, tookMs) {
      calls.inc({ kind, outcome });
      times.observe({ kind }, tookMs / 1_000);
    },
    late: () => late.inc(),
    badFrame: (why) => bad.inc({ why }),
    readLinks(list) {
      links = list;
    },
  };
}
