import type { Place } from "../../document.ts";
import type { Report } from "../../problem.ts";

export const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/;
/** Expressions speak of steps by name, so an id is one that CEL can read: a `-` would be a minus. */
export const STEP_ID = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
export const EVENT_TYPE = /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*(?:\.\*)?$/;
export const MAX_NAME = 100;

const NAME_HINT = "small letters, digits, - and _, beginning with a letter";

/** Names that Yardmaster keeps for itself. */
export const RESERVED_PACKS: readonly string[] = ["core", "yard", "schedule"];

export function checkPackName(name: string, place: Place, report: Report): boolean {
  if (RESERVED_PACKS.includes(name)) {
    report(place, `the name "${name}" is Yardmaster's own`, "give the pack another name");
    return false;
  }
  return checkName(name, "the name of a pack", place, report);
}

/** Of what is known by its name alone, in all packs. */
export function checkPlainName(
  name: string,
  kind: string,
  pack: string | undefined,
  place: Place,
  report: Report,
): boolean {
  if (pack === undefined || !name.startsWith(`${pack}.`))
    return checkName(name, `the name of a ${kind}`, place, report);
  const own = name.slice(pack.length + 1);
  const hint = `write ${kind}: ${own}, without the pack, where it is used too`;
  report(place, `"${name}" cannot be the name of a ${kind}`, hint);
  return false;
}

export function checkName(name: string, what: string, place: Place, report: Report): boolean {
  if (NAME.test(name) && name.length <= MAX_NAME) return true;
  const hint = NAME.test(name) ? `at most ${MAX_NAME} characters` : NAME_HINT;
  report(place, `"${name}" cannot be ${what}`, hint);
  return false;
}

/** A ref is `<pack>.<name>`, and it is the pack's own. */
export function checkRef(ref: string, pack: string, place: Place, report: Report): boolean {
  const name = ref.startsWith(`${pack}.`) ? ref.slice(pack.length + 1) : undefined;
  if (name === undefined) {
    const own = ref.includes(".") ? ref.slice(ref.indexOf(".") + 1) : ref;
    const message = `"${ref}" does not belong to the pack "${pack}"`;
    report(place, message, `did you mean "${pack}.${own}"?`);
    return false;
  }
  return checkName(name, `the name in "${pack}.<name>"`, place, report);
}

export function checkStepId(id: string, place: Place, report: Report): boolean {
  if (STEP_ID.test(id) && id.length <= MAX_NAME) return true;
  const hint = "letters, digits and _, not beginning with a digit: expressions say steps.<id>";
  report(place, `"${id}" cannot be the id of a step`, hint);
  return false;
}

export function checkVariable(name: string, place: Place, report: Report): boolean {
  if (STEP_ID.test(name) && name.length <= MAX_NAME) return true;
  const hint = "letters, digits and _, not beginning with a digit: expressions say vars.<name>";
  report(place, `"${name}" cannot be the name of a variable`, hint);
  return false;
}

export function checkEventType(type: string, place: Place, report: Report): boolean {
  if (EVENT_TYPE.test(type) && type.length <= 2 * MAX_NAME) return true;
  report(place, `"${type}" is no event type`, "write for example gitea.issue_assign, or gitea.*");
  return false;
}
