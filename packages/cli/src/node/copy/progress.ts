import { sizeText } from "@yardmaster/protocol/core";
import type { Io } from "../../io.ts";
import { isRedrawable } from "../../output/redrawable.ts";
import { cutTo } from "../../output/width.ts";

const EVERY_MS = 100;

export interface Progress {
  update(doneBytes: number, totalBytes: number): void;
  /** Takes the line away. */
  end(): void;
}

/** One line on a terminal that says how far a copy is; elsewhere nothing. */
export function createProgress(io: Io, name: string): Progress {
  const isShown = isRedrawable(io.stderr, io.env);
  const startedMs = io.now();
  let shownMs = Number.NEGATIVE_INFINITY;
  let firstBytes: number | undefined;

  return {
    update(doneBytes, totalBytes) {
      firstBytes ??= doneBytes;
      const nowMs = io.now();
      if (!isShown || (nowMs - shownMs < EVERY_MS && doneBytes < totalBytes)) return;
      shownMs = nowMs;
      const seconds = Math.max(0.001, (nowMs - startedMs) / 1_000);
      const percent = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
      const rate = sizeText((doneBytes - firstBytes) / seconds);
      const line = `${String(percent).padStart(3)}%  ${sizeText(totalBytes)}  ${rate}/s  ${name}`;
      io.stderr.write(`\r${cutTo(line, (io.stderr.columns || 80) - 1)}\x1b[K`);
    },
    end() {
      if (isShown) io.stderr.write("\r\x1b[K");
    },
  };
}
