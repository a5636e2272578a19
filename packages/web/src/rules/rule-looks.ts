import type { Rule } from "@yardmaster/protocol";
import { ICONS, type Look, TONES } from "../status/look.ts";

export const RULE_LOOKS: Record<Rule["status"], Look> = {
  active: { word: "Active", ...TONES.good, icon: ICONS.check },
  paused: { word: "Paused", ...TONES.warn, icon: ICONS.pause },
  off: { word: "Off", ...TONES.quiet, icon: ICONS.off },
};
