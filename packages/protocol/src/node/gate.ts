import type { Capability } from "./capabilities.ts";
import type { NodeFrameType, ServerFrameType } from "./frames/index.ts";

/** The capability that brings a frame. What is not here belongs to every session. One place, for both sides. */
const NEEDS: { readonly [Type in NodeFrameType | ServerFrameType]?: Capability } = {
  exec: "exec",
  exec_chunk: "exec_chunk",
  exec_ack: "stream",
  exec_input: "input",
  exec_input_ack: "input",
  exec_resize: "input",
  read: "read",
  write: "write",
  node_info: "info",
  renamed: "info",
  cancel: "cancel",
  cancel_ack: "cancel",
  reset: "reset",
  reset_result: "reset",
  task_ready: "task",
  task_offer: "task",
  task_accept: "task",
  task_reject: "task",
  task_renew: "task",
  task_renewed: "task",
  task_lost: "task",
  task_log: "task",
  task_log_ack: "task",
  task_cancel: "task",
  task_result: "task",
  task_done: "task",
  task_need: "task",
  task_file: "task",
  task_file_ack: "task",
  task_fetch: "task",
  task_file_data: "task",
  resume: "resume",
  resume_ok: "resume",
  resume_err: "resume",
  rotate_token: "rotate",
  rotate_ok: "rotate",
  rotate_err: "rotate",
};

/** Whether a session with these capabilities may carry a frame of this type, in either direction. */
export function isCarried(
  type: NodeFrameType | ServerFrameType,
  capabilities: ReadonlySet<string>,
): boolean {
  const needed = NEEDS[type];
  return needed === undefined || capabilities.has(needed);
}
