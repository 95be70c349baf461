import { describe, expect, it } from '@jest/globals';
import { oldFormsIn } from './glyphs.decider.js';

describe('old-form glyphs (EC-40)', () => {
  it.each([
    ['髙橋', '髙', '高橋'],
    ['山﨑', '﨑', '山崎'],
    ['渡邊', '邊', '渡辺'],
    ['渡邉', '邉', '渡辺'],
    ['濵田', '濵', '浜田'],
    ['濱田', '濱', '浜田'],
    ['齋藤', '齋', '斎藤'],
    ['齊藤', '齊', '斉藤'],
    ['髙﨑', '髙 﨑', '高崎'],
    ['國澤', '國 澤', '国沢'],
    ['𠮷田', '𠮷', '吉田'],
    // A compatibility ideograph, and a drawing of a standard character chosen by a selector.
    ['\ufa19田', '\ufa19', '神田'],
    ['辻\u{e0100}', '辻', '辻'],
  ])('%s: %s is one; write %s', (name, characters, suggestion) =>
    expect(oldFormsIn(name)).toEqual({ characters, suggestion }),
  );

  it.each([
    '高橋',
    '山崎',
    '渡辺',
    '浜田',
    '斎藤',
    '龍',
    '瀧',
    '冨',
    '嶋',
    '桒'.replace('桒', '桑'),
    'さくら',
    'サクラ',
    '𠀋',
  ])('%s has none', (name) => expect(oldFormsIn(name)).toBeNull());

  it('suggests what it accepts', () => {
    for (const name of ['髙橋', '渡邉', '國澤', '\ufa19田', '辻\u{e0100}'])
      expect(oldFormsIn(oldFormsIn(name)!.suggestion)).toBeNull();
  });
});
