import type { PanelStrings } from '../../webview/protocol';

export interface PanelPage {
  nonce: string;
  /** What the webview's local files may be loaded from. */
  cspSource: string;
  scriptUri: string;
  styleUri: string;
  /** The editor's, as in `ko`. */
  language: string;
  strings: PanelStrings;
}

/**
 * The panel's page: one script, one style sheet, nothing from elsewhere, no inline code. The toolkit takes the nonce for
 * the style element it makes from `csp-nonce`.
 */
export function panelHtml(page: PanelPage): string {
  const { nonce, cspSource, scriptUri, styleUri } = page;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
  ].join('; ');
  return `<!doctype html>
<html lang="${attribute(page.language)}" dir="${direction(page.language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta property="csp-nonce" content="${nonce}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Mamba Complete</title>
    <link rel="stylesheet" href="${styleUri}" />
  </head>
  <body>
    <h1>Mamba Complete</h1>
    <main id="panel" data-strings="${attribute(JSON.stringify(page.strings))}"></main>
    <script nonce="${nonce}" src="${scriptUri}"></script>
  </body>
</html>`;
}

/** Languages that are written from right to left. */
function direction(language: string): 'rtl' | 'ltr' {
  return /^(?:ar|fa|he|ur|yi)(?:-|$)/i.test(language) ? 'rtl' : 'ltr';
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
