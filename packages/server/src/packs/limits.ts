/** What a pack may be at most; hitting one is a problem of the pack, told with the figure. */
export const MAX_PACK_BYTES = 50 * 1_024 * 1_024;
export const MAX_PACK_FILES = 20_000;
/** Of one definition file: the parser takes about a second for it at worst. */
export const MAX_DEFINITION_BYTES = 256 * 1_024;
/** Values of one definition file with its aliases followed: nine lines of aliases can stand for a billion. */
export const MAX_DEFINITION_NODES = 50_000;
export const MAX_DEFINITION_DEPTH = 64;
/** Compiled packs kept besides the active ones. */
export const MAX_CACHED_PACKS = 64;
