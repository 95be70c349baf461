const WORDS = new Map(
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
  eighteen nineteen`
    .split(/\s+/)
    .map((word, value) => [word, value]),
);
for (const [index, word] of 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').entries())
  WORDS.set(word, (index + 2) * 10);

const valueOf = (words) => words.split('-').reduce((sum, word) => sum + WORDS.get(word), 0);

/** Answers the question for people who cannot see the picture, as they would: by reckoning. */
export const answerTo = (question) => {
  const [, added, to, taken] = /^Add (\S+) to (\S+), then take away (\S+)\. /.exec(question) ?? [];
  if (added === undefined) throw new Error(`This question is another one: ${question}`);
  return String(valueOf(to) + valueOf(added) - valueOf(taken));
};
