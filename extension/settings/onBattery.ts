import type { Settings } from './table';

/** The settings as they hold while the machine runs on its battery: only what the user wants there. */
export function settingsOnBattery(settings: Settings): Settings {
  switch (settings.onBattery) {
    case 'all':
      return settings;
    case 'noBackground':
      return { ...settings, suggestAhead: false };
    case 'manual':
      return { ...settings, suggestAhead: false, trigger: 'manual' };
  }
}
