import { lacking } from "../calls/exec-frame.ts";
import { createFreshShellCall } from "../calls/fresh-shell-call.ts";
import { checkSession } from "../calls/request-checks.ts";
import { resetBody } from "../calls/reset-call.ts";
import { type CallSpec, runCall } from "../calls/run-call.ts";
import type { Hub, ResetOutcome } from "../hub.types.ts";
import { callDepsOf, type OperationDeps, plainCallOf } from "./operation.ts";

/** Shell sessions: what is known of them, and fresh ones in their place. */
export function shellOperations(deps: OperationDeps): Pick<Hub, "reset" | "sessions"> {
  const { slots, options } = deps;
  return {
    async reset(ref, session, given) {
      checkSession(session);
      const { reason, actor } = given;
      const spec: CallSpec<ResetOutcome> = {
        kind: "reset",
        details: { session, reason: reason ?? null },
        make(slot, id) {
          const { name: node, link } = slot;
          const isBase = link?.isSerial === true && !link.has("reset");
          if (!isBase || !link.node.grants.exec) {
            const body = resetBody(id, { session, reason }, options.fileMs);
            return plainCallOf(deps, slot, actor, id, body);
          }
          if (session !== "main") throw lacking(node, "sessions other than main");
          return createFreshShellCall(callDepsOf(deps, slot, id, actor), session);
        },
        endOf: ({ killed }) => ({ status: "ok", details: { killed } }),
      };
      const { cwd, shellId, ...rest } = await runCall(deps, ref, given, spec);
      slots.find(ref)?.shells.told(session, { cwd, shellId });
      return { cwd, shellId, ...rest };
    },

    sessions(ref) {
      const slot = slots.find(ref);
      return slot === undefined ? [] : slot.shells.list(slot.calls.values());
    },
  };
}
