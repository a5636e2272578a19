import type { CommandNode } from "./command-tree.ts";
import type { Offered } from "./offered.ts";
import { type Place, placesOf } from "./words.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that teaches a shell the commands and options of `yard`. */
export function completionScript(shell: Shell, root: CommandNode): string {
  const places = placesOf(root);
  switch (shell) {
    case "bash":
      return bash(places);
    case "zsh":
      return zsh(places);
    case "fish":
      return fish(places);
  }
}

function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options, offered }) => {
    const words = [...commands, ...options].map(({ name }) => name).join(" ");
    return `    ${quoted(path)}) words=${quoted(words)}${offering(offered)} ;;`;
  });
  return `# Completion of yard for bash. Load it with: source <(yard completion bash)
_yard_offer() {
  yard completion offer "$1" 2>/dev/null | cut -f1
}
_yard() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local path="" word words="" offered="" first=1 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case " ${placeNames(places)} " in
      *" \${path:+$path/}$word "*) path=\${path:+$path/}$word ;;
      *) [[ $word == -?* && $word != -- ]] || first="" ;;
    esac
  done
  case "\${path//\\// }:$previous" in
${valueCases(places, bashValues)}
  esac
  case "\${path//\\// }" in
${cases.join("\n")}
  esac
  if [[ $offered && $first && $current != -* ]]; then
    offered=$(_yard_offer "$offered")
    words=\${offered:-$words}
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _yard yard
`;
}

/** Paths with slashes, so that each is one word. */
function placeNames(places: readonly Place[]): string {
  return places
    .map(({ path }) => path.replaceAll(" ", "/"))
    .filter((path) => path !== "")
    .join(" ");
}

/** Only the first word behind a command is of that kind: what follows may be anything, a file too. */
function offering(offered: Offered | undefined): string {
  return offered === undefined ? "" : ` offered=${offered}`;
}

/** What may follow an option. */
type Values = Pick<Place["options"][number], "choices" | "offered">;

/** What follows an option with a value; `offer` is the shell's command that offers these, or files where there are none. */
function valueCases(places: readonly Place[], offer: (values: Values) => string): string {
  const lines = places.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map((option) => `    ${quoted(`${path}:${option.name}`)}) ${offer(option)}; return ;;`),
  );
  return lines.join("\n");
}

function bashValues({ choices, offered }: Values): string {
  if (offered !== undefined)
    return `COMPREPLY=($(compgen -W "$(_yard_offer ${offered})" -- "$current"))`;
  if (choices.length === 0) return "COMPREPLY=()";
  return `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$current"))`;
}

function zshValues({ choices, offered }: Values): string {
  if (offered !== undefined) return `_yard_offer ${offered}`;
  return choices.length === 0 ? "_files" : `compadd -- ${choices.map(quoted).join(" ")}`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ path, commands, options, offered }) => {
    const items = [...commands, ...options].map(({ name, about }) =>
      quoted(`${name.replaceAll(":", "\\:")}:${plain(about)}`),
    );
    return `    ${quoted(path)}) items=(${items.join(" ")})${offering(offered)} ;;`;
  });
  return `#compdef yard
# Completion of yard for zsh. Load it with: source <(yard completion zsh)
_yard_offer() {
  local -a offers
  offers=(\${(f)"$(yard completion offer $1 2>/dev/null)"})
  (( $#offers )) || return 1
  offers=(\${offers/$'\\t'/:})
  _describe yard offers
}
_yard() {
  local -a items
  local place="" word offered="" first=1
  for word in \${words[2,CURRENT-1]}; do
    case " ${placeNames(places)} " in
      *" \${place:+$place/}$word "*) place=\${place:+$place/}$word ;;
      *) [[ $word == -?* && $word != -- ]] || first="" ;;
    esac
  done
  case "\${place//\\// }:\${words[CURRENT-1]}" in
${valueCases(places, zshValues)}
  esac
  case "\${place//\\// }" in
${cases.join("\n")}
  esac
  if [[ -n $offered && -n $first && \${words[CURRENT]} != -* ]]; then
    _yard_offer $offered && return
  fi
  _describe yard items || _files
}
compdef _yard yard
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options, offered }) => {
    const when = quoted(`__yard_at ${path}`.trim());
    return [
      ...(offered === undefined
        ? []
        : [`complete -c yard -f -n ${quoted(`__yard_first ${path}`)} -a ${fishOffer(offered)}`]),
      ...commands.map(
        ({ name, about }) => `complete -c yard -f -n ${when} -a ${name} -d ${quoted(plain(about))}`,
      ),
      ...options.map(({ name, about, takesValue, choices, offered: values }) => {
        const flag = name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
        const value = takesValue ? " -r" : "";
        const words = values === undefined ? quoted(choices.join(" ")) : fishOffer(values);
        const among = words === "''" ? "" : ` -f -a ${words}`;
        return `complete -c yard -n ${when} ${flag}${value}${among} -d ${quoted(plain(about))}`;
      }),
    ];
  });
  return `# Completion of yard for fish. Load it with: yard completion fish | source
function __yard_at
  set -l place
  for word in (commandline -opc)[2..]
    set -l longer $place $word
    contains -- (string join -- / $longer) ${placeNames(places)}; and set place $longer
  end
  set -l here (string join -- / $place)
  set -l there (string join -- / $argv)
  test "$here" = "$there"
end
function __yard_first
  __yard_at $argv; or return 1
  test (count (string match -v -- '-*' (commandline -opc)[2..])) -eq (count $argv)
end
${lines.join("\n")}
`;
}

function fishOffer(offered: Offered): string {
  return quoted(`(yard completion offer ${offered} 2>/dev/null)`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What a shell would read as its own is no loss in a description. */
function plain(text: string): string {
  return text.replace(/[`$\\\n]/g, " ");
}
