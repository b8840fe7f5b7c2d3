/** The longest name in text form, without the dot at its end (RFC 1035 §2.3.4: 255 bytes on the wire). */
const NAME_CHARS_MAX = 253;

/** Host names and the `_port._protocol` labels of SRV names; a label has 63 bytes at most. */
const LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * `text` in lower case and without the dot at its end; undefined when it is no name. Whatever is sent
 * must have passed this: dns-packet 5.6 cuts a name at an empty label, and mis-encodes a long one.
 */
export function canonicalName(text: string): string | undefined {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  const isName = name.length <= NAME_CHARS_MAX && name.split('.').every((label) => LABEL.test(label));
  return isName ? name : undefined;
}
