import { useState } from "react";
import { Card } from "../../design/card.tsx";
import { ShowMore } from "../../design/show-more.tsx";
import type { SlotFile } from "../slots.ts";
import { FileRow } from "./file-row.tsx";

/** More are drawn on demand: a for_each may hand back very many. */
const PAGE_FILES = 100;

interface FilesCardProps {
  /** The run. */
  readonly id: string;
  /** Whose they are. */
  readonly of: string;
  readonly files: readonly SlotFile[];
}

/** What a step handed back: each file can be saved. */
export function FilesCard({ id, of, files }: FilesCardProps) {
  const [shown, setShown] = useState(PAGE_FILES);
  return (
    <Card title={`Files of ${of}`}>
      <ul className="max-h-120 divide-y divide-line overflow-y-auto">
        {files.slice(0, shown).map((file) => (
          <FileRow key={`${file.part} ${file.path}`} id={id} file={file} />
        ))}
        {files.length > shown && (
          <ShowMore
            of={`${files.length} files`}
            className="px-4 py-2"
            onMore={() => setShown(shown + PAGE_FILES)}
          />
        )}
      </ul>
    </Card>
  );
}
