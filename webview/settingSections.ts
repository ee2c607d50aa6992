import type { PanelScope, PanelState, Refusal, SettingField, SettingSection } from './protocol';
import { buttonRow, createSection } from './section';
import type { Send, SettingRow } from './settingRow';
import { createSettingRow } from './settingRow';
import { createButton } from './toolkit';
import type { Translate } from './translate';

type ButtonCommand = 'showLog' | 'snooze' | 'endSnooze' | 'restartRuntime' | 'chooseModel';

/** The sections with settings, whose rows come from the extension's table. */
export class SettingSections {
  readonly elements: Record<SettingSection, HTMLElement>;
  private readonly rows = new Map<string, SettingRow>();
  private readonly snooze = document.createElement('span');
  private readonly endSnooze: HTMLElement;
  private scope = '';

  constructor(
    private readonly send: Send,
    private readonly t: Translate,
  ) {
    this.elements = {
      general: createSection('general', t('General')),
      model: createSection('model', t('Model')),
      engine: createSection('engine', t('Engine and device')),
      generation: createSection('generation', t('Generation')),
      timing: createSection('timing', t('Timing')),
      memory: createSection('memory', t('State memory')),
    };
    this.endSnooze = this.button('End the snooze now', 'endSnooze');
    this.addButtons();
  }

  /** From now on what is typed is for this scope, whose values may yet have to come. */
  enterScope(scope: PanelScope): void {
    const now = JSON.stringify(scope);
    if (now === this.scope) return;
    this.scope = now;
    // What was refused was meant for another place.
    for (const row of this.rows.values()) row.restore();
  }

  /** Settings that cannot be set in the panel's scope are not shown, nor is a section without any control. */
  show({ fields, scope, snooze }: PanelState): void {
    this.enterScope(scope);
    const shown = new Set(fields.map(({ key }) => key));
    for (const [key, { element }] of this.rows) element.hidden = !shown.has(key);
    for (const field of fields) {
      const row = this.rows.get(field.key) ?? this.add(field);
      row.show(field);
    }
    for (const section of Object.values(this.elements)) {
      section.hidden = section.querySelector('.setting:not([hidden]), .buttons') === null;
    }
    if (this.snooze.textContent !== snooze) this.snooze.textContent = snooze;
    this.endSnooze.hidden = snooze === '';
  }

  refuse({ key, reason }: Refusal): void {
    this.rows.get(key)?.refuse(reason);
  }

  private add(field: SettingField): SettingRow {
    const row = createSettingRow(field, this.send, this.t);
    this.rows.set(field.key, row);
    const section = this.elements[field.section];
    const buttons = section.querySelector('.buttons');
    if (buttons === null) section.append(row.element);
    else buttons.before(row.element);
    return row;
  }

  private addButtons(): void {
    this.elements.general.append(
      buttonRow(
        this.button('Restart model runtime', 'restartRuntime'),
        this.button('Show log', 'showLog'),
      ),
    );
    this.elements.model.append(buttonRow(this.button('Choose another model…', 'chooseModel')));
    this.snooze.id = 'snooze';
    this.snooze.setAttribute('role', 'status');
    this.elements.timing.append(
      buttonRow(this.button('Snooze…', 'snooze'), this.endSnooze, this.snooze),
    );
  }

  private button(text: string, command: ButtonCommand): HTMLElement {
    return createButton(this.t(text), () => {
      this.send({ kind: 'runCommand', command });
    });
  }
}
