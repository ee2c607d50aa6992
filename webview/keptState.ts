import * as v from 'valibot';
import type { PanelScope } from './protocol';

export interface WebviewApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

const keptSchema = v.object({
  scrollY: v.optional(v.number(), 0),
  scope: v.optional(v.object({ target: v.string(), language: v.string() })),
});

/**
 * What the page keeps over hiding and reloading, since VS Code throws a hidden page away: where it was scrolled to, and the scope of
 * its controls.
 */
export class KeptState {
  private kept: v.InferOutput<typeof keptSchema>;
  /** Where to scroll to once the page has its content. */
  private target: number;

  constructor(private readonly editor: WebviewApi) {
    const saved = v.safeParse(keptSchema, editor.getState());
    this.kept = saved.success ? saved.output : { scrollY: 0 };
    this.target = this.kept.scrollY;
    // Also tells VS Code that there is something to restore after a reload.
    editor.setState(this.kept);
    window.addEventListener('scroll', () => {
      if (this.target === 0) this.keep({ scrollY: window.scrollY });
    });
  }

  get scope(): PanelScope | undefined {
    return this.kept.scope;
  }

  keepScope(scope: PanelScope): void {
    this.keep({ scope });
  }

  /** Scrolls back once. */
  restoreScroll(): void {
    if (this.target === 0) return;
    window.scrollTo({ top: this.target });
    this.target = 0;
  }

  private keep(part: Partial<v.InferOutput<typeof keptSchema>>): void {
    this.kept = { ...this.kept, ...part };
    this.editor.setState(this.kept);
  }
}
