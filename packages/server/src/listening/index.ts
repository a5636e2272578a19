export {
  type AddressSettings,
  checkListening,
  listenFailure,
  MAIN_ADDRESS,
  type ToListen,
} from "./check-listening.ts";
export { readTls, type TlsFiles, type TlsPair } from "./tls-files.ts";
