import { describeTarget, matchesTarget, type Target } from "@yardmaster/kernel";
import type { YardNode } from "@yardmaster/protocol";
import type { ExplainTarget } from "../engine/index.ts";

/** Nodes that are told one by one. */
const MOST_TOLD = 10;

export interface ExplainTargetDeps {
  /** Those that are not revoked. */
  readonly nodes: () => Promise<readonly YardNode[]>;
  /** The one that had the name last, where none has it now. */
  readonly revoked: (name: string) => Promise<YardNode | undefined>;
  /** What the one that had the name before is called now. */
  readonly renamed: (name: string) => Promise<string | undefined>;
}

/** Why no node has an attempt yet, or why its node says nothing of it, and what would change it. */
export function createExplainTarget({ nodes, revoked, renamed }: ExplainTargetDeps): ExplainTarget {
  async function namesakes({ node }: Target, present: readonly YardNode[]): Promise<Namesakes> {
    const live = present.find(({ name }) => name === node);
    const isGone = node !== undefined && live === undefined;
    if (!isGone) return { live };
    return { live, renamed: await renamed(node), revoked: await revoked(node) };
  }

  return async (target, attempt) => {
    const present = await nodes();
    const matching = present.filter((node) => matchesTarget(target, node));
    if (attempt === "runs") return linkOf(matching);
    if (matching.length === 0) {
      return noneMatches(target, await namesakes(target, present));
    }
    const told = matching.slice(0, MOST_TOLD).map(stateOf);
    const more = matching.length - told.length;
    return {
      chain: [
        ...told.map(({ what }) => what),
        ...(more > 0 ? [`${more} more nodes match: yard node list`] : []),
      ],
      unblock: [...new Set(told.flatMap(({ unblock }) => unblock))],
    };
  };
}

/** A node whose link stands tells by itself how its jobs go. */
function linkOf(nodes: readonly YardNode[]) {
  const away = nodes.filter(({ status }) => status !== "connected" && status !== "draining");
  const told = away.map(stateOf);
  return { chain: told.map(({ what }) => what), unblock: told.flatMap(({ unblock }) => unblock) };
}

interface Namesakes {
  /** It has the name, and not the labels. */
  readonly live: YardNode | undefined;
  /** It had the name last, and this is its name now. */
  readonly renamed?: string | undefined;
  /** It had the name last. */
  readonly revoked?: YardNode | undefined;
}

function noneMatches({ node, labels }: Target, { live, renamed, revoked }: Namesakes) {
  const wanted = describeTarget({ ...(node === undefined ? {} : { node }), labels });
  const pair = `yard node pair ${node ?? "NAME"}${labels.map((label) => ` --label ${label}`).join("")}`;
  const give = labels.map((label) => `yard node label ${node ?? "NAME"} ${label}`);
  if (live !== undefined) {
    const lacks = labels.filter((label) => !matchesTarget({ labels: [label] }, live));
    return {
      chain: [
        `node ${live.name} lacks the ${lacks.length === 1 ? "label" : "labels"} ${lacks.join(", ")}`,
      ],
      unblock: lacks.map((label) => `give it the label: yard node label ${live.name} ${label}`),
    };
  }
  if (renamed !== undefined)
    return {
      chain: [`node ${node} was renamed to ${renamed}`],
      unblock: [
        `give it its name back: yard node rename ${renamed} ${node}`,
        `or name ${renamed} in the step, and start the run again`,
      ],
    };
  if (revoked !== undefined)
    return { chain: [revocationOf(revoked)], unblock: [`pair its machine anew: ${pair}`] };
  return {
    chain: [node === undefined ? `no${wanted.slice(1)} is paired` : `${wanted} is not paired`],
    unblock: [
      `pair one: ${pair}`,
      ...give.map((command) => `or give a node the label: ${command}`),
    ],
  };
}

function revocationOf({ name, revoked_at, revoked_by, revoked_reason }: YardNode): string {
  const reason = revoked_reason === null ? "" : ` (${revoked_reason})`;
  return `node ${name} was revoked at ${revoked_at} by ${revoked_by}${reason}`;
}

function stateOf({ name, status, reason, since, grants, capabilities, load }: YardNode) {
  const unblock: string[] = [];
  const told = (what: string) => ({ what: `node ${name} ${what}`, unblock });
  if (status !== "connected") {
    unblock.push(
      status === "never_seen"
        ? `start the client on it, with the token of its pairing (a new one: yard node rotate ${name})`
        : `see to node ${name}: yard node show ${name}`,
    );
    const why = reason === null ? "" : ` (${reason})`;
    const at = since === null ? "" : ` since ${since}`;
    return told(`${status === "never_seen" ? "has not been seen" : `is ${status}`}${at}${why}`);
  }
  if (!grants.jobs) {
    unblock.push(`grant it jobs: yard node grant ${name} jobs`);
    return told("is connected, and is not granted jobs");
  }
  if (!capabilities.includes("task")) {
    unblock.push(`install the client of Yardmaster on ${name}`);
    return told("is connected, and its client takes no jobs");
  }
  if (load.jobs >= load.slots) {
    unblock.push("the end of a job that runs on it, or more slots in its configuration");
    return told(`is connected and full: ${load.jobs} of ${load.slots} jobs run on it`);
  }
  unblock.push(`node ${name} takes it in a moment`);
  return told("is connected and has room");
}
