import { createDropdown } from './dropdown';
import type { PanelScope, PanelState } from './protocol';
import { createSection } from './section';
import type { Translate } from './translate';

/** Which settings file and language the controls below stand for. */
export function createScopeSection(
  choose: (scope: PanelScope, choice: number) => void,
  t: Translate,
): { element: HTMLElement; show(state: PanelState): void; isOutdated(state: PanelState): boolean } {
  const element = createSection('scope', t('Settings'));
  const description = document.createElement('p');
  description.className = 'description';
  description.id = 'scope-description';
  description.textContent = t(
    'A workspace’s settings count before the user’s, and what is set for one language before what is set for all.',
  );
  let scope: PanelScope | undefined;
  let choices = 0;
  const change = (part: Partial<PanelScope>) => {
    if (scope === undefined) return;
    scope = { ...scope, ...part };
    choices++;
    choose(scope, choices);
  };
  const target = createDropdown(t('Change the settings of'), (value) => {
    change({ target: value });
  });
  const language = createDropdown(t('For the language'), (value) => {
    change({ language: value });
  });
  const rows: [string, string, HTMLElement][] = [
    ['scopeTarget', t('Change the settings of'), target.element],
    ['scopeLanguage', t('For the language'), language.element],
  ];
  element.append(
    ...rows.map(([id, text, control]) => {
      const line = document.createElement('div');
      line.className = 'line setting';
      const label = document.createElement('label');
      control.id = id;
      control.setAttribute('aria-describedby', description.id);
      label.htmlFor = id;
      label.textContent = text;
      line.append(label, control);
      return line;
    }),
    description,
  );
  return {
    element,
    isOutdated: ({ choice }) => choice < choices,
    show: (state) => {
      ({ scope } = state);
      target.show(state.scope.target, state.targets);
      language.show(state.scope.language, state.scopeLanguages);
    },
  };
}
