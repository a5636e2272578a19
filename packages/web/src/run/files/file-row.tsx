import { sizeText } from "@yardmaster/protocol/core";
import { Button } from "../../design/button.tsx";
import { messageOf } from "../../design/message-of.ts";
import { Notice } from "../../design/notice.tsx";
import type { SlotFile } from "../slots.ts";
import { useDownload } from "./use-download.ts";

interface FileRowProps {
  readonly id: string;
  readonly file: SlotFile;
}

export function FileRow({ id, file }: FileRowProps) {
  const { state, start, stop } = useDownload(id, file);
  const of = file.part === undefined ? "" : ` of #${file.part}`;
  return (
    <li className="px-4 py-2">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <span className="block font-mono text-[0.8125rem] wrap-anywhere">{file.path}</span>
          <span className="block text-xs text-muted tabular-nums">
            {of !== "" && `#${file.part} · `}
            <span title={`${file.bytes.toLocaleString()} bytes, SHA-256 ${file.sha256}`}>
              {sizeText(file.bytes)}
            </span>
            {state.is === "loading" && ` · ${state.percent} %`}
            {state.is === "saved" && " · saved"}
          </span>
        </div>
        <Button
          type="button"
          kind="quiet"
          className="-mr-2"
          aria-label={`${state.is === "loading" ? "Stop" : "Download"} ${file.path}${of}`}
          onClick={state.is === "loading" ? stop : start}
        >
          {state.is === "loading" ? "Stop" : "Download"}
        </Button>
      </div>
      {state.is === "failed" && (
        <div className="mt-2">
          <Notice tone="bad">{messageOf(state.error)}</Notice>
        </div>
      )}
    </li>
  );
}
