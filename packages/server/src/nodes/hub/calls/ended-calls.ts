import type { CallKind } from "./call.types.ts";

/** The calls of a node that ended last: what still comes for them is late, and no stranger's. */
export interface EndedCalls {
  add(id: string, kind: CallKind): void;
  kindOf(id: string): CallKind | undefined;
  /** True the first time: one row of the audit tells of all that comes late. */
  noteLate(id: string): boolean;
}

const REMEMBERED = 512;

export function createEndedCalls(): EndedCalls {
  const ended = new Map<string, { readonly kind: CallKind; isLate: boolean }>();
  return {
    add(id, kind) {
      ended.set(id, { kind, isLate: false });
      if (ended.size <= REMEMBERED) return;
      for (const oldest of ended.keys()) {
        ended.delete(oldest);
        break;
      }
    },
    kindOf: (id) => ended.get(id)?.kind,
    noteLate(id) {
      const call = ended.get(id);
      if (call === undefined || call.isLate) return false;
      call.isLate = true;
      return true;
    },
  };
}
