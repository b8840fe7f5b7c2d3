/** A title as part of a namespace's name: its first words in small letters and digits, with hyphens. */
export function slugOf(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? word : `${slug}-${word}`;
    if (longer.length > CHARS_MAX) {
      break;
    }
    slug = longer;
  }
  return slug === '' ? 'test' : slug.slice(0, CHARS_MAX);
}

/** A namespace has at most 63 characters; peers' names hold it, too, and etcd's names are long enough. */
const CHARS_MAX = 24;
