import type { PanelFigures } from './protocol';
import { buttonRow } from './section';
import type { Send } from './settingRow';
import { createButton } from './toolkit';
import type { Translate } from './translate';

/** What is kept of each document, under the memory's settings. */
export function createDocumentMemory(
  send: Send,
  t: Translate,
): { elements: HTMLElement[]; show(figures: PanelFigures): void } {
  const summary = document.createElement('p');
  summary.id = 'memory';
  const list = document.createElement('ul');
  list.id = 'documents';
  list.setAttribute('aria-label', t('Documents with kept states'));
  const clear = createButton(t('Clear document states'), () => {
    send({ kind: 'runCommand', command: 'clearStates' });
  });
  let shown = '';
  return {
    elements: [summary, list, buttonRow(clear)],
    show: ({ documents, memory }) => {
      summary.textContent = memory;
      const now = JSON.stringify(documents);
      if (now === shown) return;
      shown = now;
      list.replaceChildren(
        ...documents.map(({ name, detail }) => {
          const item = document.createElement('li');
          const label = document.createElement('span');
          label.textContent = name;
          const bytes = document.createElement('span');
          bytes.textContent = detail;
          item.append(label, bytes);
          return item;
        }),
      );
    },
  };
}
