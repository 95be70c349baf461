const ONES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const KANJI = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

const english = (n: number): string => {
  if (n < 10) return ONES[n]!;
  if (n < 20) return TEENS[n - 10]!;
  return n % 10 === 0 ? TENS[n / 10]! : `${TENS[Math.floor(n / 10)]}-${ONES[n % 10]}`;
};
const japanese = (n: number): string => {
  const [tens, ones] = [Math.floor(n / 10), n % 10];
  const leading = tens === 0 ? '' : tens === 1 ? '十' : `${KANJI[tens]}十`;
  return leading + (ones === 0 && tens > 0 ? '' : KANJI[ones]!);
};

export type Sum = Readonly<{ en: string; ja: string; answer: string }>;

/** For people who cannot see the picture: a screen reader reads it out. Weaker against programs, so never the only guard. */
export const sumOf = (seed: Buffer): Sum => {
  const a = 20 + (seed.readUInt16LE(0) % 80);
  const b = 2 + (seed.readUInt16LE(2) % 18);
  const c = 2 + (seed.readUInt16LE(4) % 18);
  return {
    en: `Add ${english(b)} to ${english(a)}, then take away ${english(c)}. Write the result in figures.`,
    ja: `${japanese(a)}に${japanese(b)}を足して、${japanese(c)}を引いた数を数字で入力してください。`,
    answer: String(a + b - c),
  };
};
