import type { ReadingReason, StateReuse } from '../../model-runtime/protocol/messages';
import type { Translate } from '../common/translate';

/** From which kept state the reading went on, in words. */
export function reuseText(reuse: StateReuse, t: Translate): string {
  switch (reuse) {
    case 'cursor':
      return t('the state at the cursor');
    case 'region':
      return t('the state above the region');
    case 'text':
      return t('a state further up');
    case 'nothing':
      return t('a fresh state');
  }
}

/** Why no nearer state served, in words. */
export function reasonText(reason: ReadingReason, t: Translate): string {
  switch (reason) {
    case 'continues':
      return t('the text before the cursor goes on from there');
    case 'longerContext':
      return t('a longer context was read');
    case 'regionChanged':
      return t('the region or the text after the cursor has changed');
    case 'nearestAbove':
      return t('it is the nearest kept state above the region');
    case 'noneAbove':
      return t('there is no kept state above the region');
    case 'noneNear':
      return t('no kept state is near enough: a short context first');
  }
}
