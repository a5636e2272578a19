export { type AdminToken, ensureAdminToken } from "./admin-token.ts";
export { type Auth, createAuth } from "./auth.ts";
export { chosenTokenFlaw } from "./token-text.ts";
export { tokenRoutes } from "./tokens.routes.ts";
