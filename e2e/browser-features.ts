/**
 * What Chromium is to leave out. It takes the last list that it is given alone, so the features that Playwright leaves
 * out stand here too: those that break its control, and those that ask hosts of the internet at the start.
 */
const LEFT_OUT = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "TcpPortRandomizationWin",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  // The list under the address bar is a page of its own, made for each window: a third of the browser's work.
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
];

export const LEAVE_OUT = `--disable-features=${LEFT_OUT.join(",")}`;
