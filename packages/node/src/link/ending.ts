import { CLOSE_KINDS, type CloseName, closeName } from "@yardmaster/protocol/node";

/**
 * How a dial, a login or a session ended. `lost`: dial again. `denied`: the token was not known; dial again a few
 * times. `final`: dialling again would be the same, or would do harm. `stopped`: we were asked to.
 */
export type Ending =
  | Lost
  | { readonly kind: "denied"; readonly why: string; readonly atLeastMs?: number }
  | LastEnding;
interface Lost {
  readonly kind: "lost";
  readonly why: string;
  /** What the server asked for. */
  readonly atLeastMs?: number;
  /** The hello was not understood: one of a simpler kind may be. */
  readonly isHelloRefused?: true;
}

/** After which nothing is dialled any more. */
export type LastEnding =
  | { readonly kind: "final"; readonly exit: FinalExit; readonly why: string }
  | { readonly kind: "stopped" };

/**
 * Exit codes of `yard-node run` where the server will not have this node: distinct, so that a service manager can be
 * told not to start it again, and an operator sees why.
 */
export const FINAL_EXITS = {
  token_refused: {
    code: 4,
    advice:
      "pair this machine again, or, where it was renamed on the server, write its new name into node.json",
  },
  name_conflict: {
    code: 5,
    advice: "another machine uses this node's token: pair one of them again",
  },
  revoked: {
    code: 10,
    advice: "the node was revoked, or its token replaced by another: pair this machine again",
  },
  bad_version: {
    code: 11,
    advice: "server and node speak different protocols: bring both up to date",
  },
} as const;
export type FinalExit = keyof typeof FINAL_EXITS;

const FINAL_CLOSES: { readonly [Name in CloseName]?: FinalExit } = {
  revoked: "revoked",
  bad_version: "bad_version",
  name_conflict: "name_conflict",
};

export function final(exit: FinalExit, what: string): LastEnding {
  return { kind: "final", exit, why: `${what}; ${FINAL_EXITS[exit].advice}` };
}

/** What the close of a socket means for the next dial. */
export function endingOfClose(code: number, reason: string): Ending {
  const name = closeName(code);
  const what = describe(code, name, reason);
  const exit = name === undefined ? undefined : FINAL_CLOSES[name];
  if (exit !== undefined) return final(exit, what);
  return name === "auth_failed" ? { kind: "denied", why: what } : { kind: "lost", why: what };
}

function describe(code: number, name: CloseName | undefined, reason: string): string {
  if (code === 1006) return `the connection broke off${reason === "" ? "" : ` (${reason})`}`;
  const meaning = name === undefined ? reason : CLOSE_KINDS[name].meaning;
  return `the server closed the link (${code}${meaning === "" ? "" : `, ${meaning.slice(0, 200)}`})`;
}
