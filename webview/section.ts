/** One part of the page, named by its heading for screen readers. */
export function createSection(id: string, title: string): HTMLElement {
  const element = document.createElement('section');
  element.id = `section-${id}`;
  const heading = document.createElement('h2');
  heading.id = `heading-${id}`;
  heading.textContent = title;
  element.setAttribute('aria-labelledby', heading.id);
  element.append(heading);
  return element;
}

export interface NamedValue {
  id: string;
  name: string;
  value: string;
}

/** Names and values; rows that stay keep their elements, so that a screen reader is not sent back to the top. */
export function createValueList(): { element: HTMLElement; show: (rows: NamedValue[]) => void } {
  const element = document.createElement('dl');
  return {
    element,
    show: (rows) => {
      const ids = rows.map(({ id }) => id).join();
      if (element.dataset.ids !== ids) {
        element.dataset.ids = ids;
        element.replaceChildren(...rows.flatMap(entry));
      }
      rows.forEach(({ value }, i) => {
        const description = element.querySelectorAll('dd').item(i);
        if (description.textContent !== value) description.textContent = value;
      });
    },
  };
}

function entry({ id, name }: NamedValue): HTMLElement[] {
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.id = `figure-${id}`;
  return [term, description];
}

export function buttonRow(...buttons: HTMLElement[]): HTMLElement {
  const element = document.createElement('div');
  element.className = 'buttons';
  element.append(...buttons);
  return element;
}
