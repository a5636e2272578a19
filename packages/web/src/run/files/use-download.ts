import type { StepFile } from "@yardmaster/protocol";
import { useRef, useState } from "react";
import { useSession } from "../../session/session.tsx";
import { saveFile } from "./save-file.ts";

export type DownloadState =
  | { readonly is: "idle" }
  | { readonly is: "loading"; readonly percent: number }
  | { readonly is: "saved" }
  | { readonly is: "failed"; readonly error: unknown };

/**
 * Saves a file of a run on the reader's machine. The token goes with the request, so it is no link. It goes on when
 * the reader looks at something else; `stop` ends it.
 */
export function useDownload(id: string, file: StepFile) {
  const { client } = useSession();
  const [state, setState] = useState<DownloadState>({ is: "idle" });
  const loading = useRef<AbortController>(undefined);

  async function load(signal: AbortSignal): Promise<void> {
    setState({ is: "loading", percent: 0 });
    try {
      await saveFile(file, () => readFile(signal));
      setState({ is: "saved" });
    } catch (error) {
      setState(isGivenUp(error) ? { is: "idle" } : { is: "failed", error });
    }
  }

  async function* readFile(signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let bytes = 0;
    let shown = 0;
    for await (const piece of client.runs.readFile(id, file, { signal })) {
      bytes += piece.length;
      const percent = Math.floor((bytes / file.bytes) * 100);
      // Drawn a hundred times at most, however small the pieces are.
      if (percent !== shown) setState({ is: "loading", percent });
      shown = percent;
      yield piece;
    }
  }

  function start(): void {
    loading.current = new AbortController();
    void load(loading.current.signal);
  }
  return { state, start, stop: () => loading.current?.abort() };
}

/** Stopped, or no place was chosen for it. */
function isGivenUp(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
