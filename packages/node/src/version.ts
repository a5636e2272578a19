/** As the server lists it. */
export const NODE_VERSION = "0.1.0";
