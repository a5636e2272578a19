import type { OutgoingNodeFrame, OutgoingServerFrame } from "./frames/index.ts";

/** The text message of a frame. Bytes in `data` become base64. Unchecked: what we send is typed. */
export function encodeFrame(frame: OutgoingNodeFrame | OutgoingServerFrame): string {
  if (!("data" in frame) || !Buffer.isBuffer(frame.data)) return JSON.stringify(frame);
  const { data, ...rest } = frame;
  // Put in as it is: base64 has nothing to escape, and looking for it costs half of the time.
  return `${JSON.stringify(rest).slice(0, -1)},"data":"${data.toString("base64")}"}`;
}
