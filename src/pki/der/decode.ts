/** The bytes are not the DER that was promised. Carries no excerpt: the bytes may be anybody's. */
export class MalformedDer extends Error {
  override readonly name = 'MalformedDer';
}

export interface Element {
  readonly tag: number;
  /** Tag, length and content: what a signature covers or a copy repeats. */
  readonly raw: Buffer;
  readonly content: Buffer;
}

const MAX_LENGTH_BYTES = 4;

/** Reads the element at `offset`; lengths must be definite and minimal, as DER has it. */
export const elementAt = (bytes: Buffer, offset = 0): Element => {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new MalformedDer('no element');
  let length = first;
  let start = offset + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new MalformedDer('bad length');
    if (start + count > bytes.length) throw new MalformedDer('cut off');
    length = bytes.readUIntBE(start, count);
    if (length < 0x80 || (count > 1 && bytes[start] === 0)) throw new MalformedDer('length is not minimal');
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw new MalformedDer('cut off');
  return { tag, raw: bytes.subarray(offset, end), content: bytes.subarray(start, end) };
};

/** The one element that `bytes` consist of. */
export const onlyElement = (bytes: Buffer, tag: number): Element => {
  const element = elementAt(bytes);
  if (element.raw.length !== bytes.length) throw new MalformedDer('trailing bytes');
  return expectTag(element, tag);
};

export const expectTag = (element: Element | undefined, tag: number): Element => {
  if (element?.tag !== tag) throw new MalformedDer('another element was expected');
  return element;
};

/** The elements inside a constructed one. */
export const children = ({ content }: Element): Element[] => {
  const found: Element[] = [];
  for (let offset = 0; offset < content.length;) {
    const element = elementAt(content, offset);
    found.push(element);
    offset += element.raw.length;
  }
  return found;
};
