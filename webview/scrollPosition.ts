import * as v from 'valibot';

export interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

const savedSchema = v.object({ scrollY: v.number() });

/**
 * Keeps where the page was scrolled to over hiding and reloading; VS Code throws a hidden page away. The answer scrolls back once, when
 * the page has its content.
 */
export function keepScrollPosition(editor: WebviewApi): () => void {
  const saved = v.safeParse(savedSchema, editor.getState());
  let target = saved.success ? saved.output.scrollY : 0;
  // Also tells VS Code that there is something to restore after a reload.
  editor.setState({ scrollY: target });
  window.addEventListener('scroll', () => {
    editor.setState({ scrollY: window.scrollY });
  });
  return () => {
    if (target === 0) return;
    window.scrollTo({ top: target });
    target = 0;
  };
}
