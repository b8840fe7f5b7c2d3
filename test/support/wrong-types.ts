/** Values with a part of another type than it was: what only an API server without a schema lets pass. */
import fc from 'fast-check';

const CHARACTERS_MAX = 20;

const anything = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: CHARACTERS_MAX }),
  fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 2 }),
  fc.dictionary(fc.string({ maxLength: CHARACTERS_MAX }), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
);

/** A value of `from` of which any one part, at any depth, or all of it, is anything. */
export function withAnyPart(from: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(from, fc.nat(), anything).map(([value, which, part]) => {
    const places = partsIn(value);
    return replaced(value, places[which % places.length] ?? [], part);
  });
}

type Place = readonly (string | number)[];

/** Where a value has parts, itself included. */
function partsIn(value: unknown): readonly Place[] {
  const inner: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [];
  return [[], ...inner.flatMap(([name, each]) => partsIn(each).map((place) => [name, ...place]))];
}

function replaced(value: unknown, [first, ...rest]: Place, part: unknown): unknown {
  if (first === undefined) {
    return part;
  }
  return Array.isArray(value)
    ? value.map((each, index) => (index === first ? replaced(each, rest, part) : each))
    : { ...Object(value), [first]: replaced(Object(value)[first], rest, part) };
}
