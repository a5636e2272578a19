/** That of this package: a file is not read for it at each call. */
export const VERSION = "0.1.0";
