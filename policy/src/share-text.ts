/**
 * The text itself, as the one copy that the engine keeps of every property name. Texts read from a store come as private copies, and comparing
 * equal texts that are two objects reads both from memory; copies of a name are one object, compared by its place, and go when nobody holds it.
 */
export function shareText(text: string): string {
  for (const shared in { [text]: true }) return shared;
  return text;
}
