/** Said at the head of each page that is made from the code. */
export function pageOf(title: string, intro: string, ...parts: readonly string[]): string {
  const notice = "<!-- Made from the code by scripts/reference.mjs: change it there. -->";
  return `${[notice, `# ${title}`, intro, ...parts].join("\n\n")}\n`;
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
