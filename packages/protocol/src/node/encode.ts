import type { OutgoingNodeFrame, OutgoingServerFrame } from "./frames/index.ts";

/** The text message of a frame. Bytes in `data` become base64. Unchecked: what we send is typed. */
export function encodeFrame(frame: OutgoingNodeFrame | OutgoingServerFrame): string {
  if ("data" in frame && Buffer.isBuffer(frame.data)) {
    return JSON.stringify({ ...frame, data: frame.data.toString("base64") });
  }
  return JSON.stringify(frame);
}
