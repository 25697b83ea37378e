/** Absolute addresses of pages, as IBM's list replies carry them. */
export function pageLink(publicUrl: string, path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const url = new URL(publicUrl.replace(/\/+$/, '') + path);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url.href;
}
