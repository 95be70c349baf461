/** The closed list of rules that a single value can break, with what to tell its author. */
const rule = (en: string, ja: string) => ({ en, ja });

export const RULES = {
  required: rule('is required', '入力してください'),
  type: rule('has the wrong type', '形式が違います'),
  unknownField: rule('is not a known field', '不明な項目です'),
  minLength: rule('needs at least {min} characters', '{min}文字以上で入力してください'),
  maxLength: rule('may have at most {max} characters', '{max}文字以内で入力してください'),
  letter: rule('a letter is required', '英字を含めてください'),
  digit: rule('a digit is required', '数字を含めてください'),
  symbol: rule('a symbol is required', '記号を含めてください'),
  noSymbol: rule('symbols are not allowed', '記号は使用できません'),
  noUpperCase: rule('capital letters are not allowed', '英大文字は使用できません'),
  forbiddenCharacter: rule('these characters are not allowed: {characters}', '使用できない文字です: {characters}'),
  allowedCharacters: rule('only these symbols are allowed: {characters}', '使用できる記号は {characters} のみです'),
  halfWidth: rule('must be half-width', '半角で入力してください'),
  fullWidth: rule('must be full-width', '全角で入力してください'),
  noSpace: rule('spaces are not allowed', '空白は使用できません'),
  noControlCharacter: rule('control characters are not allowed', '制御文字は使用できません'),
  repeatDiffers: rule('differs from the first entry', '確認用の入力と一致しません'),
  differsFromCurrent: rule('must differ from the current password', '現在のパスワードと異なるものを入力してください'),
  mail: rule('is not a mail address', 'メールアドレスの形式ではありません'),
  notInFuture: rule('must not lie in the future', '未来の日付は指定できません'),
  atLeastOne: rule('choose at least one of: {values}', '次のうち1つ以上を選択してください: {values}'),
  count: rule('needs {min} to {max} entries', '{min}件から{max}件で指定してください'),
  format: rule('has the wrong format: {format}', '形式が違います: {format}'),
  oneOf: rule('must be one of: {values}', '次のいずれかを指定してください: {values}'),
} as const;

export type RuleName = keyof typeof RULES;
