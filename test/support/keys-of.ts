/** The keys of a record that was written out in full, with their own type. */
export function keysOf<T extends object>(record: T): readonly (keyof T)[] {
  return Object.keys(record) as (keyof T)[];
}
