/**
 * What the Worker needs of the functions that bowser's rules call; in its bundle this stands in their place, 2 KB smaller. Names of
 * versions and of browsers: `device.ts` asks for neither.
 */
const unnamed = (): undefined => undefined;

export default {
  getFirstMatch: (pattern: RegExp, userAgent: string): string => pattern.exec(userAgent)?.[1] ?? "",
  getSecondMatch: (pattern: RegExp, userAgent: string): string => pattern.exec(userAgent)?.[2] ?? "",
  /** "Macintosh", then " FxiOS", then a slash. */
  isFirefoxOnIpad(userAgent: string): boolean {
    const mac = userAgent.indexOf("Macintosh");
    const firefox = userAgent.indexOf(" FxiOS", mac);
    return mac !== -1 && firefox !== -1 && userAgent.includes("/", firefox);
  },
  getWindowsVersionName: unnamed,
  getMacOSVersionName: unnamed,
  getAndroidVersionName: unnamed,
};
