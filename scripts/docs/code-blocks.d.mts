export interface CodeBlock {
  readonly info: string;
  readonly text: string;
  readonly line: number;
  readonly file?: string;
}
export interface Command {
  readonly text: string;
  readonly line: number;
  readonly output?: string;
}
export function codeBlocks(markdown: string): CodeBlock[];
export function filesOf(markdown: string): { readonly [path: string]: string };
export function commandsOf(markdown: string): Command[];
export function fits(shown: string, printed: string): boolean;
