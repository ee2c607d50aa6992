import { expect, it } from 'vitest';
import { settingsOnBattery } from '../../../../extension/settings/onBattery';
import { parseSettings } from '../../../../extension/settings/parse';

function onBattery(choice: string) {
  const { settings } = parseSettings((key) => (key === 'onBattery' ? choice : undefined));
  const { trigger, suggestAhead } = settingsOnBattery(settings);
  return { trigger, suggestAhead };
}

it('computes nothing ahead on battery, and asks only by command where the user wants that', () => {
  expect(onBattery('all')).toEqual({ trigger: 'automatic', suggestAhead: true });
  expect(onBattery('noBackground')).toEqual({ trigger: 'automatic', suggestAhead: false });
  expect(onBattery('manual')).toEqual({ trigger: 'manual', suggestAhead: false });
});
