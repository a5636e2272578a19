import type { ClaimedRow, Claimer } from "../src/engine/worker/claim.store.ts";
import type { ClaimStore } from "../src/engine/worker/claims.types.ts";
import type { Ledger } from "./ledger/ledger.ts";
import * as model from "./model/index.ts";
import type { Life, Network } from "./network.ts";
import type { PortDeps } from "./ports.ts";
import type { World } from "./world.ts";

export interface ClaimPortDeps extends PortDeps {
  readonly world: World;
  readonly network: Network;
  readonly ledger: Ledger;
}

/** The claims of one process: each begins, and commits later, or is rolled back where its process dies between. */
export function claimPort(deps: ClaimPortDeps, life: Life): ClaimStore {
  const { ask, world, network, ledger, tables, broken } = deps;

  function claim(by: Claimer, queue: string, runner: string, limit: number) {
    return network.call(life, `${life.name} claims ${queue}`, {
      begin: () => ({
        held: model.beginClaim(tables, by, queue, runner, limit, world.now(), broken),
        begunAt: world.now(),
      }),
      apply: ({ held, begunAt }) => {
        const admission = model.commitClaim(tables, held, world.now());
        claimed(admission.rows, begunAt);
        return admission;
      },
      undo: ({ held }) => model.rollBackClaim(tables, held),
    });
  }

  function claimed(rows: ClaimedRow[], begunAt: number): ClaimedRow[] {
    const keys = rows.map((row) => model.rowKey(row.runId, row.slot, row.number));
    if (rows.length > 0) world.trace(() => `${life.name} leased ${keys.join(", ")}`);
    ledger.claimed(rows, begunAt);
    return rows;
  }

  /** Counted in one statement, leased in the next: what the lane's lock is there against. */
  async function admitUnlocked(by: Claimer, queue: string, runner: string, limit: number) {
    const picked = await ask("counts", () =>
      model.pick(tables, queue, runner, limit, {}, by.without),
    );
    const rows = await ask("leases", () =>
      claimed(model.lease(tables, by, picked, world.now()), world.now()),
    );
    return { rows, inMs: null, isShut: false };
  }

  return {
    claimReady: async (by, runner, limit) => (await claim(by, "", runner, limit)).rows,
    waitingLanes: () => ask("reads lanes", () => model.waitingLanes(tables, world.now())),
    admit: async (...place) =>
      broken.laneLock === true ? await admitUnlocked(...place) : await claim(...place),
    leasedByClaims: (id, claimIds) =>
      ask("recalls", () => model.leasedByClaims(tables, id, claimIds)),
    stillLeased: (id, rows) => ask("looks at leases", () => model.stillLeased(tables, id, rows)),
    putBack: (id, rows) => ask("puts back", () => model.putBack(tables, id, rows, broken)),
  };
}
