/** Takes text as it comes, gives whole lines. Uses nothing but its arguments: it runs in a spawner too, by its text alone. */
export function lineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
