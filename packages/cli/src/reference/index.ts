import { programTree } from "../program-tree.ts";
import { cliPage } from "./cli-page.ts";

/** The pages of docs/reference that come from the command line, by file name. */
export async function referencePages(): Promise<{ readonly [file: string]: string }> {
  return { "cli.md": cliPage(await programTree()) };
}
