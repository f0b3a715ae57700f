/** The audit's report, made ready for a webview. */

// The report carries its own style and script and needs nothing from elsewhere, so nothing else may be loaded.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:";

// A webview gives code the colours of the editor's theme, which the report's own background does not fit.
const STYLE = "<style>code, kbd { color: inherit; }</style>";

/** The page in the editor's light or dark, with a policy that lets nothing in from outside. */
export function sealed(html: string, theme: "light" | "dark"): string {
  const page = html.replace(/<html(?=[\s>])(?![^>]*data-theme)/i, `<html data-theme="${theme}"`);
  const meta = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">${STYLE}`;
  const head = /<head(?:\s[^>]*)?>/i.exec(page);
  if (head === null) return `${meta}${page}`;
  const end = head.index + head[0].length;
  return page.slice(0, end) + meta + page.slice(end);
}
