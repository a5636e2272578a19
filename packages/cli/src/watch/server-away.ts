import type { Io } from "../io.ts";

/** Told while a command that follows something cannot reach the server: it looks as if nothing happened otherwise. */
export const AWAY = "The server cannot be reached; waiting for it.";
const BACK = "The server is back.";

export const tellAway = ({ stderr }: Pick<Io, "stderr">): unknown => stderr.write(`${AWAY}\n`);
export const tellBack = ({ stderr }: Pick<Io, "stderr">): unknown => stderr.write(`${BACK}\n`);
