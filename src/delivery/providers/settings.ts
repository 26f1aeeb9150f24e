/** The settings of all providers. A wrong one refuses its provider's webhooks, and nothing else. */
import type { RefusedSetting } from "../../config/settings.ts";
import { logger } from "../../platform/logger.ts";
import { perEnv } from "../../platform/per-env.ts";
import { PROVIDERS } from "./index.ts";
import { settingIn } from "./setting.ts";

/** The names of all. */
export const PROVIDER_SETTINGS: readonly string[] = [...PROVIDERS.values()].map(({ setting }) => setting.variable);

/** The wrong ones of this environment, logged at the first call. */
export const refusedProviderSettings = perEnv((env: Env): readonly RefusedSetting[] => {
  const wrong = [...PROVIDERS.values()].flatMap(({ setting }) => {
    const { problem } = settingIn(env, setting);
    return problem === undefined ? [] : [{ name: setting.variable, problem }];
  });
  for (const setting of wrong) logger.error("a setting is refused", { ...setting });
  return wrong;
});
