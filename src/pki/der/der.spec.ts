import fc from 'fast-check';
import { AsnConvert, AsnIntegerBigIntConverter, AsnObjectIdentifierConverter } from '@peculiar/asn1-schema';
import { Time } from '@peculiar/asn1-x509';
import { describe, expect, it } from '@jest/globals';
import { children, elementAt, MalformedDer, onlyElement } from './decode.js';
import { integer, namedBits, objectId, octetString, sequence, setOf, TAG, time, tlv, unsigned } from './encode.js';

describe('DER, written and read back', () => {
  it('keeps any content of any length', () => {
    const lengths = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(127, 128, 255, 256, 65_535, 65_536));
    fc.assert(
      fc.property(lengths, (length) => {
        const content = Buffer.alloc(length, 7);
        expect(onlyElement(octetString(content), TAG.octetString).content.equals(content)).toBe(true);
      }),
    );
  });

  it('keeps the order and the bytes of what a sequence holds', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (contents) => {
        const items = contents.map((content) => octetString(content));
        expect(children(elementAt(sequence(...items))).map(({ raw }) => raw.toString('hex'))).toEqual(
          items.map((item) => item.toString('hex')),
        );
      }),
    );
  });

  it('writes integers as another library reads them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 200n }), (value) => {
        expect(AsnConvert.parse(integer(value), BigIntHolder).value).toBe(value);
      }),
    );
  });

  it('writes unsigned bytes without needless zeros and never as a negative number', () => {
    expect(unsigned(Buffer.from('0000ff', 'hex')).toString('hex')).toBe('020200ff');
    expect(unsigned(Buffer.from('007f', 'hex')).toString('hex')).toBe('02017f');
    expect(unsigned(Buffer.alloc(0)).toString('hex')).toBe('020100');
    expect(() => integer(-1)).toThrow(RangeError);
  });

  it('writes object identifiers as another library reads them', () => {
    const arc = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), arc, arc), (arcs) => {
        const dotted = arcs.join('.');
        expect(AsnConvert.parse(objectId(dotted), ObjectIdHolder).value).toBe(dotted);
      }),
    );
  });

  it('sorts the members of a set by their bytes', () => {
    const [a, b] = [octetString(Buffer.from([2])), octetString(Buffer.from([1]))];
    expect(setOf(a, b).equals(setOf(b, a))).toBe(true);
    expect(children(elementAt(setOf(a, b)))[0]?.content[0]).toBe(1);
  });

  it('drops trailing zero bits of named bits', () => {
    expect(namedBits([0]).toString('hex')).toBe('03020780');
    expect(namedBits([5, 6]).toString('hex')).toBe('03020106');
    expect(namedBits([8]).toString('hex')).toBe('0303070080');
  });
});

describe('times', () => {
  it('turn from UTCTime to GeneralizedTime with the year 2050', () => {
    expect(time(new Date('2049-12-31T23:59:59.999Z')).toString('latin1')).toBe('\x17\x0d491231235959Z');
    expect(time(new Date('2050-01-01T00:00:00.000Z')).toString('latin1')).toBe('\x18\x0f20500101000000Z');
  });

  it('are cut to the second, never rounded up', () => {
    const at = new Date('2026-07-08T00:00:00.999Z');
    expect(AsnConvert.parse(time(at), Time).getTime()).toEqual(new Date('2026-07-08T00:00:00Z'));
  });
});

describe('bytes that are no DER', () => {
  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a long tag', '1f8101'],
    ['an indefinite length', '3080'],
    ['a length of five bytes', '30850000000000'],
    ['a length longer than needed', '048101aa'],
    ['a length with a leading zero', '04820001aa'],
    ['content that is cut off', '0403aabb'],
  ])('%s is refused', (_, hex) => expect(() => elementAt(Buffer.from(hex, 'hex'))).toThrow(MalformedDer));

  it('trailing bytes and other tags are refused', () => {
    expect(() => onlyElement(Buffer.from('040000', 'hex'), 4)).toThrow('trailing');
    expect(() => onlyElement(tlv(5), 4)).toThrow('another element');
  });

  it('nothing but a refusal comes of arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          children(elementAt(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
    );
  });
});

/** Holders for single values: the library reads types, not values. */
class BigIntHolder {
  value = 0n;
  fromASN(asn: Parameters<typeof AsnIntegerBigIntConverter.fromASN>[0]): this {
    this.value = AsnIntegerBigIntConverter.fromASN(asn);
    return this;
  }
  toASN(): ReturnType<typeof AsnIntegerBigIntConverter.toASN> {
    return AsnIntegerBigIntConverter.toASN(this.value);
  }
}
class ObjectIdHolder {
  value = '';
  fromASN(asn: Parameters<typeof AsnObjectIdentifierConverter.fromASN>[0]): this {
    this.value = AsnObjectIdentifierConverter.fromASN(asn);
    return this;
  }
  toASN(): ReturnType<typeof AsnObjectIdentifierConverter.toASN> {
    return AsnObjectIdentifierConverter.toASN(this.value);
  }
}
