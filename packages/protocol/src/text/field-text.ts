/**
 * A wrong place and what is wrong there, in a row: `/input/who is required`. What is said of a field names it as a rule,
 * and its path has just done so.
 */
export function fieldText(path: string, message: string): string {
  const place = path === "" ? "/" : path;
  const name = place
    .slice(place.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
  const rest =
    name !== "" && message.startsWith(`${name} `) ? message.slice(name.length) : ` ${message}`;
  return `${place}${rest}`;
}
