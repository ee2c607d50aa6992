import { createBenchmarkSection } from './benchmarkSection';
import { createDocumentMemory } from './documentMemory';
import { createFiguresSection } from './figuresSection';
import { KeptState, type WebviewApi } from './keptState';
import { createLanguageSwitches } from './languageSwitches';
import type { PanelMessage, PanelRequest } from './protocol';
import { parsePanelMessage } from './protocol';
import { createScopeSection } from './scopeSection';
import { SettingSections } from './settingSections';
import { defineControls } from './toolkit';
import { createTranslate } from './translate';

/** Given by VS Code to every webview. */
declare function acquireVsCodeApi(): WebviewApi;

function start(root: HTMLElement): void {
  const editor = acquireVsCodeApi();
  const send = (request: PanelRequest) => {
    editor.postMessage(request);
  };
  defineControls();
  const t = createTranslate(root);
  const settings = new SettingSections(send, t);
  const languages = createLanguageSwitches(send, t);
  const figures = createFiguresSection(t);
  const memory = createDocumentMemory(send, t);
  const benchmark = createBenchmarkSection(send, t);
  const kept = new KeptState(editor);
  const scope = createScopeSection((chosen, choice) => {
    settings.enterScope(chosen);
    send({ kind: 'chooseScope', scope: chosen, choice });
  }, t);
  const { general, model, engine, generation, timing, memory: memorySection } = settings.elements;
  memorySection.append(...memory.elements);
  root.append(
    figures.runtime,
    figures.throughput,
    benchmark.element,
    scope.element,
    general,
    model,
    engine,
    generation,
    timing,
    memorySection,
    languages.element,
  );
  const show = (message: PanelMessage) => {
    switch (message.kind) {
      case 'state':
        // It would put the controls back to the scope that was left; the chosen one's is on its way.
        if (scope.isOutdated(message)) break;
        kept.keepScope(message.scope);
        scope.show(message);
        settings.show(message);
        languages.show(message);
        figures.showState(message);
        benchmark.show(message);
        kept.restoreScroll();
        break;
      case 'figures':
        figures.showFigures(message);
        memory.show(message);
        break;
      case 'refused':
        if (message.key === 'languages') languages.refuse(message.reason);
        else settings.refuse(message);
        break;
      case 'reveal':
        benchmark.element.scrollIntoView();
        break;
    }
  };
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = parsePanelMessage(event.data);
    if (message !== undefined) show(message);
  });
  send({ kind: 'ready', scope: kept.scope });
}

const root = document.getElementById('panel');
if (root !== null) start(root);
