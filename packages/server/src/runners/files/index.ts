export type { AttemptFiles, ContentSink } from "./attempt-files.ts";
export { handBack } from "./hand-back.ts";
export { layOut } from "./lay-out.ts";
export { listedFlaw } from "./listed-files.ts";
