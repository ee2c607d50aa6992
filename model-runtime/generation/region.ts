/** Where the infill region starts when a new one is chosen: lines above the cursor's line (training: 0-12, best 4-8). */
const PREFERRED_LINES_ABOVE = 6;
/** A region that has grown beyond this is given up for a new one. */
const MOST_LINES_ABOVE = 12;

/**
 * Splits the text before the cursor into the lines before the region and the region up to the cursor.
 * `previousLinesBefore`, the split of the document's last request, is kept while the cursor stays within training's
 * range of it: then typing only appends to the prompt and the recurrent state goes on.
 */
export function splitAtRegion(
  prefix: string,
  previousLinesBefore: string | undefined,
): { linesBefore: string; region: string } {
  if (previousLinesBefore !== undefined && prefix.startsWith(previousLinesBefore)) {
    const region = prefix.slice(previousLinesBefore.length);
    if (countNewlines(region) <= MOST_LINES_ABOVE) {
      return { linesBefore: previousLinesBefore, region };
    }
  }
  let start = prefix.lastIndexOf('\n') + 1;
  for (let above = 0; above < PREFERRED_LINES_ABOVE && start > 0; above++) {
    start = start < 2 ? 0 : prefix.lastIndexOf('\n', start - 2) + 1;
  }
  return { linesBefore: prefix.slice(0, start), region: prefix.slice(start) };
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
