import type { PanelState } from './protocol';
import { createSection } from './section';
import type { Send } from './settingRow';
import type { ValueControl } from './toolkit';
import { createButton, createCheckbox } from './toolkit';
import type { Translate } from './translate';

/** A switch for each language that is set or open, and a field for another one. */
export function createLanguageSwitches(
  send: Send,
  t: Translate,
): { element: HTMLElement; show(state: PanelState): void; refuse(reason: string): void } {
  const element = createSection('languages', t('Languages'));
  const list = document.createElement('div');
  list.className = 'languages';
  const boxes = new Map<string, (isEnabled: boolean) => void>();
  const add = (id: string) => {
    const label = id === '*' ? t('All other languages') : id;
    const box = createCheckbox(label, (isEnabled) => {
      send({ kind: 'switchLanguage', id, isEnabled });
    });
    box.element.id = `language-${id}`;
    list.append(box.element);
    boxes.set(id, box.show);
    return box.show;
  };
  const problem = document.createElement('p');
  problem.className = 'problem';
  problem.id = 'languages-problem';
  problem.setAttribute('role', 'alert');
  const clear = () => {
    problem.textContent = '';
  };
  element.append(list, createAdder(send, clear, t), problem);
  return {
    element,
    show: ({ languages }) => {
      element.hidden = languages.length === 0;
      const ids = new Set(languages.map(({ id }) => id));
      if ([...boxes.keys()].some((id) => !ids.has(id))) {
        boxes.clear();
        list.replaceChildren();
      }
      for (const { id, isEnabled } of languages) (boxes.get(id) ?? add(id))(isEnabled);
    },
    refuse: (reason) => {
      problem.textContent = reason;
    },
  };
}

function createAdder(send: Send, clearProblem: () => void, t: Translate): HTMLElement {
  const line = document.createElement('div');
  line.className = 'line';
  const field = document.createElement('vscode-text-field') as ValueControl;
  field.id = 'newLanguage';
  field.setAttribute('aria-label', t('Identifier of another language'));
  field.setAttribute('aria-describedby', 'languages-problem');
  field.setAttribute('placeholder', t('Identifier of another language'));
  const addLanguage = () => {
    const id = field.value.trim();
    if (id === '') return;
    clearProblem();
    field.value = '';
    send({ kind: 'switchLanguage', id, isEnabled: false });
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') addLanguage();
  });
  line.append(field, createButton(t('Turn off'), addLanguage));
  return line;
}
