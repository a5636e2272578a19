import {
  type Database,
  isConnectionLoss,
  type Log,
  retryOnConnectionLoss,
} from "../../../db/index.ts";
import type { Processes } from "../../../engine/index.ts";
import type { Sealer } from "../../../sealing/index.ts";
import { createUnderway } from "../../underway.ts";
import { decodeNotice, NODES_CHANNEL } from "../channel.ts";
import { readProfile } from "../nodes.store.ts";
import type { Admission, LinkRegistry, Login } from "../registry.types.ts";
import type { Tell } from "../tell.ts";
import { noteTokenUses } from "../tokens/tokens.store.ts";
import { helloPolicy, verify } from "../tokens/verify.ts";
import { createHeld, HELD, type HeldOptions } from "./held.ts";
import {
  endLink,
  findStrays,
  moveLinks,
  noteFacts,
  noteLinks,
  reclaimPlace,
  setLinkState,
} from "./links.store.ts";
import { logIn } from "./login.ts";
import { createNotes, NOTES, type NotesOptions } from "./notes.ts";
import { noteRefusals } from "./refusals.store.ts";
import { tellAdmitted, tellConflict, tellGone } from "./tell-links.ts";

export interface LinksDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly processes: Processes;
  readonly sealer: Sealer;
  readonly tell: Tell;
  readonly log: Log;
}

export interface LinksOptions {
  readonly held?: HeldOptions;
  readonly notes?: NotesOptions;
}

export interface RunningLinks extends LinkRegistry {
  /** Looks at the rows now, as it does every second. */
  look(): Promise<void>;
  /** Writes what is gathered, and listens no more. */
  close(): Promise<void>;
}

/** At the end, where PostgreSQL may be away. */
const TELL_MOST_MS = 5_000;

/** What the hub asks of the registry, for the links of this process. Resolves when notices of others are heard. */
export async function createLinks(
  deps: LinksDeps,
  options: LinksOptions = {},
): Promise<RunningLinks> {
  const { database, processes, tell, log } = deps;
  const { pool } = database;
  // While PostgreSQL is away that is told once by whoever watches it, and not every second from here.
  const onError = (error: unknown): void =>
    log[isConnectionLoss(error) ? "debug" : "warn"](
      { err: error },
      "the rows of nodes could not be looked at; trying again",
    );
  const notes = createNotes(
    {
      writeLinks: (gathered) => noteLinks(pool, gathered),
      writeTokenUses: (ids) => noteTokenUses(pool, ids),
      writeRefusals: (refusals) => noteRefusals(pool, refusals),
      onError,
    },
    options.notes ?? NOTES,
  );
  const closing = new AbortController();
  const telling = createUnderway();
  let processId = processes.id();
  const held = createHeld(
    {
      findStrays: (sessions) => findStrays(pool, sessions),
      reclaim: (session) => reclaimPlace(pool, session, processes.id()),
      profile: (nodeId) => readProfile(pool, nodeId),
      async onLook(sessions) {
        if (processId === processes.id()) return;
        const next = processes.id();
        await moveLinks(
          pool,
          sessions.map(({ sessionId }) => sessionId),
          next,
        );
        processId = next;
      },
      onError,
    },
    options.held ?? HELD,
  );
  const hearing = await database.listen(
    NODES_CHANNEL,
    (payload) => {
      const notice = decodeNotice(payload);
      if (notice !== undefined) held.onNotice(notice);
    },
    { onReconnect: () => void held.look() },
  );

  async function end(sessionId: string, reason: string): Promise<void> {
    const change = await endLink(pool, sessionId, reason);
    if (change !== undefined) await tellGone(tell, change, reason);
  }

  async function admit(login: Login): Promise<Admission> {
    const outcome = await held.during(
      login.nodeId,
      () => logIn(deps, login),
      (given) =>
        given.kind === "admitted"
          ? { sessionId: login.sessionId, nodeId: login.nodeId, epoch: given.epoch }
          : undefined,
    );
    if (outcome.kind === "revoked") return outcome;
    if (outcome.kind === "conflict") {
      if (outcome.isNew) telling.add(tellConflict(tell, login, outcome.name));
      return { kind: "conflict" };
    }
    notes.used(login.tokenId);
    const { isBack, hasNewToken, ...admission } = outcome;
    telling.add(tellAdmitted(tell, login, { admission, isBack, hasNewToken }));
    return admission;
  }

  return {
    helloPolicy: (name) => helloPolicy(deps, name),
    verify: (name, token) => verify(deps, name, token),
    admit,

    async reconnecting(sessionId, graceMs) {
      const reason = "Its link was lost";
      const change = await setLinkState(pool, {
        sessionId,
        state: "reconnecting",
        graceMs,
        reason,
      });
      if (change !== undefined) await tell.announce("reconnecting", change, { grace_ms: graceMs });
      return change !== undefined;
    },

    async draining(sessionId, reason) {
      const asked = { sessionId, state: "draining", graceMs: null, reason } as const;
      const change = await setLinkState(pool, asked);
      if (change !== undefined) await tell.announce("draining", change, { reason });
      return change !== undefined;
    },

    async left(sessionId, reason) {
      held.forget(sessionId);
      notes.forget(sessionId);
      try {
        await end(sessionId, reason);
      } catch (error) {
        onError(error);
        // Where this process stops first, the others find that it is gone.
        void retryOnConnectionLoss(() => end(sessionId, reason), { signal: closing.signal }).catch(
          () => undefined,
        );
      }
    },

    async info(sessionId, facts) {
      await noteFacts(pool, sessionId, facts);
    },
    refused: notes.refused,
    load: notes.load,
    seen: notes.seen,
    onRevoked: held.onRevoked,
    onReplaced: held.onReplaced,
    onChanged: held.onChanged,
    look: held.look,
    async close() {
      closing.abort();
      held.close();
      await hearing.stop();
      await notes.close();
      await telling.ended(TELL_MOST_MS);
    },
  };
}
