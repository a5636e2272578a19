import { TABS_LOOK, tabLook } from "./tabs.ts";

interface ChoicesProps<Value extends string> {
  /** For people: what is chosen by it. */
  readonly label: string;
  readonly choices: readonly { readonly value: Value | undefined; readonly word: string }[];
  readonly chosen: Value | undefined;
  onChoose(value: Value | undefined): void;
}

/** A few choices in a row, of which one is taken. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { label, choices, chosen, onChoose } = props;
  return (
    <fieldset aria-label={label} className={`min-w-0 ${TABS_LOOK}`}>
      {choices.map(({ value, word }) => (
        <button
          key={value ?? ""}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
          className={tabLook(value === chosen)}
        >
          {word}
        </button>
      ))}
    </fieldset>
  );
}
