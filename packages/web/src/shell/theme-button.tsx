import { useState } from "react";
import { Button } from "../design/button.tsx";
import { chooseTheme, storedTheme, THEMES, type Theme } from "./theme.ts";

const WORDS: Record<Theme, string> = { system: "Auto", light: "Light", dark: "Dark" };

/** Goes round: as the system has it, light, dark. */
export function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
  function change(): void {
    chooseTheme(next);
    setTheme(next);
  }
  return (
    <Button
      type="button"
      kind="quiet"
      className="max-sm:hidden"
      onClick={change}
      aria-label={`Colours: ${WORDS[theme]}. Change to ${WORDS[next]}`}
    >
      {WORDS[theme]}
    </Button>
  );
}
