import { createSettingControls } from './settingControls';
import { createFigures } from './figures';
import type { PanelRequest } from './protocol';
import { parsePanelState } from './protocol';
import { defineControls } from './toolkit';

/** Given by VS Code to every webview. */
declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

function start(): void {
  const editor = acquireVsCodeApi();
  const send = (request: PanelRequest) => {
    editor.postMessage(request);
  };
  defineControls();
  const controls = createSettingControls(send);
  const figures = createFigures();
  const root = document.getElementById('panel');
  root?.append(controls.element, figures.element);
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const state = parsePanelState(event.data);
    if (state === undefined) return;
    controls.show(state);
    figures.show(state);
  });
  send({ kind: 'ready' });
}

start();
