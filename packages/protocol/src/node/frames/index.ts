import type { z } from "zod";
import * as calls from "./exec.ts";
import * as files from "./files.ts";
import * as handshake from "./handshake.ts";
import * as operational from "./operational.ts";
import * as resume from "./resume.ts";
import * as task from "./task.ts";
import * as taskFiles from "./task-files.ts";

const BOTH = {
  ping: operational.ping,
  pong: operational.pong,
  error: operational.error,
  bye: operational.bye,
  enc: operational.enc,
} as const;

/** Every frame that a node sends, by its type. */
export const NODE_FRAMES = {
  ...BOTH,
  hello: handshake.hello,
  auth: handshake.auth,
  exec_chunk: calls.execChunk,
  exec_result: calls.execResult,
  read_result: files.readResult,
  write_result: files.writeResult,
  node_info: operational.nodeInfo,
  exec_input_ack: calls.execInputAck,
  cancel_ack: calls.cancelAck,
  reset_result: calls.resetResult,
  task_ready: task.taskReady,
  task_accept: task.taskAccept,
  task_reject: task.taskReject,
  task_renew: task.taskRenew,
  task_log: task.taskLog,
  task_result: task.taskResult,
  task_need: taskFiles.taskNeed,
  task_file_ack: taskFiles.taskFileAck,
  task_file_data: taskFiles.taskFileData,
  resume: resume.resume,
  rotate_ok: operational.rotateOk,
  rotate_err: operational.rotateErr,
} as const;

/** Every frame that the server sends, by its type. */
export const SERVER_FRAMES = {
  ...BOTH,
  hello_ack: handshake.helloAck,
  hello_err: handshake.helloErr,
  auth_ok: handshake.authOk,
  auth_err: handshake.authErr,
  rate_limit: operational.rateLimit,
  exec: calls.exec,
  exec_ack: calls.execAck,
  exec_input: calls.execInput,
  exec_resize: calls.execResize,
  cancel: calls.cancel,
  reset: calls.reset,
  read: files.read,
  write: files.write,
  task_offer: task.taskOffer,
  task_renewed: task.taskRenewed,
  task_lost: task.taskLost,
  task_log_ack: task.taskLogAck,
  task_cancel: task.taskCancel,
  task_done: task.taskDone,
  task_file: taskFiles.taskFile,
  task_fetch: taskFiles.taskFetch,
  resume_ok: resume.resumeOk,
  resume_err: resume.resumeErr,
  renamed: operational.renamed,
  rotate_token: operational.rotateToken,
} as const;

type Received<Table> = {
  [Type in keyof Table]: Table[Type] extends z.ZodType ? z.output<Table[Type]> : never;
};
type Sent<Table> = {
  [Type in keyof Table]: Table[Type] extends z.ZodType ? z.input<Table[Type]> : never;
};

/** Frames as they arrive, with their defaults: `NodeFrames["exec_result"]`. */
export type NodeFrames = Received<typeof NODE_FRAMES>;
export type ServerFrames = Received<typeof SERVER_FRAMES>;
export type NodeFrameType = keyof NodeFrames;
export type ServerFrameType = keyof ServerFrames;
export type NodeFrame = NodeFrames[NodeFrameType];
export type ServerFrame = ServerFrames[ServerFrameType];

/** Frames as they are sent: what has a default may be left out. */
export type OutgoingNodeFrames = Sent<typeof NODE_FRAMES>;
export type OutgoingServerFrames = Sent<typeof SERVER_FRAMES>;
export type OutgoingNodeFrame = OutgoingNodeFrames[NodeFrameType];
export type OutgoingServerFrame = OutgoingServerFrames[ServerFrameType];

/** Types whose `data` is bytes in memory and base64 in JSON. */
export const BYTE_FRAMES: ReadonlySet<string> = new Set([
  "exec_chunk",
  "exec_input",
  "task_log",
  "task_file",
  "task_file_data",
]);

export { EXEC_STATUSES, type ExecStatus, INPUT_ACKS, STREAMS, type StreamName } from "./exec.ts";
export { FOLDERS, WRITE_MODES, type WriteMode } from "./files.ts";
export {
  type CollectLimits,
  INPUT_FILES,
  type JobFile,
  jobFile,
  type ProcessPayload,
  processPayload,
  WORK_FILES,
} from "./job.ts";
export { RENAMES } from "./operational.ts";
export type {
  CallDecision,
  CallState,
  LeaseDecision,
  ResumedCall,
  ResumedLease,
} from "./resume.ts";
export { type CollectedFile, NOT_BEGUN, TASK_STATUSES, type TaskStatus } from "./task.ts";
