import type { SuggestionMemory } from '../completion/typingAsSuggested';
import { Disposable, toDisposable } from '../common/disposable';
import type { RuntimeClient } from '../runtime-client/runtimeClient';
import type { SettingKey } from '../settings/table';
import type { SettingsStore } from './settingsStore';
import { needsRestart } from './settingsStore';

/** Several settings often change together, and a number while it is typed into settings.json. */
const SETTLE_MS = 500;

/** Has the runtime run while completions are on, and with the settings as they are. */
export class RuntimeSwitch extends Disposable {
  private restartTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly runtime: RuntimeClient,
    private readonly settings: SettingsStore,
    private readonly memory: SuggestionMemory,
  ) {
    super();
    this.register(
      settings.onChange((changed) => {
        this.follow(changed);
      }),
    );
    this.register(
      toDisposable(() => {
        clearTimeout(this.restartTimer);
      }),
    );
  }

  start(): void {
    if (this.settings.read(undefined).enable) this.runtime.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.restartTimer);
    await this.runtime.stop();
  }

  private follow(changed: ReadonlySet<SettingKey>): void {
    // What was suggested under other settings is not shown again.
    this.memory.clear();
    if (changed.has('enable')) {
      if (this.settings.read(undefined).enable) this.start();
      else void this.stop();
    }
    if (!needsRestart(changed)) return;
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => {
      if (this.settings.read(undefined).enable) void this.runtime.restart();
    }, SETTLE_MS);
  }
}
