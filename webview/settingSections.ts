import type { PanelState, Refusal, SettingField, SettingSection } from './protocol';
import { buttonRow, createSection } from './section';
import type { Send, SettingRow } from './settingRow';
import { createSettingRow } from './settingRow';
import { createButton } from './toolkit';
import type { Translate } from './translate';

/** The sections with settings, whose rows come from the extension's table. */
export class SettingSections {
  readonly elements: Record<SettingSection, HTMLElement>;
  private readonly rows = new Map<string, SettingRow>();

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
    this.addButtons();
  }

  show({ fields }: PanelState): void {
    for (const field of fields) {
      const row = this.rows.get(field.key) ?? this.add(field);
      row.show(field);
    }
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
    const { t } = this;
    const button = (
      text: string,
      command: 'showLog' | 'snooze' | 'restartRuntime' | 'chooseModel',
    ) =>
      createButton(t(text), () => {
        this.send({ kind: 'runCommand', command });
      });
    this.elements.general.append(
      buttonRow(button('Restart model runtime', 'restartRuntime'), button('Show log', 'showLog')),
    );
    this.elements.model.append(buttonRow(button('Choose another model…', 'chooseModel')));
    this.elements.timing.append(buttonRow(button('Snooze…', 'snooze')));
  }
}
