import type { CallFrame, CallKind, Owed } from "./call.types.ts";

/** The calls of a node that ended last: what still comes for them is late, and no stranger's. */
export interface EndedCalls {
  add(id: string, kind: CallKind, owed: Owed): void;
  kindOf(id: string): CallKind | undefined;
  /** True the first time: one row of the audit tells of all that comes late. */
  noteLate(id: string): boolean;
  /** A frame of a call that has ended. False: the node did not owe it, and so it counts against its rate. */
  take(id: string, frame: CallFrame): boolean;
}

const REMEMBERED = 512;
/** Of a call that was given up: what was on its way, or is said before the node has heard of it. */
const LATE_CHUNKS = 64;

interface Ended {
  readonly kind: CallKind;
  isLate: boolean;
  isEndOwed: boolean;
  isAckOwed: boolean;
  inputsOwed: number;
  chunks: number;
}

export function createEndedCalls(): EndedCalls {
  const ended = new Map<string, Ended>();
  return {
    add(id, kind, { end, ack, inputs }) {
      const owed = { isEndOwed: end, isAckOwed: ack, inputsOwed: inputs };
      ended.set(id, { kind, isLate: false, ...owed, chunks: 0 });
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
    take(id, frame) {
      const call = ended.get(id);
      return call !== undefined && isOwed(call, frame);
    },
  };
}

function isOwed(call: Ended, frame: CallFrame): boolean {
  if (frame.type === "cancel_ack") {
    const wasOwed = call.isAckOwed;
    call.isAckOwed = false;
    return wasOwed;
  }
  if (frame.type === "exec_input_ack") return call.inputsOwed-- > 0;
  if (!call.isEndOwed) return false;
  if (frame.type === "exec_chunk" && frame.more) return ++call.chunks <= LATE_CHUNKS;
  call.isEndOwed = false;
  return true;
}
