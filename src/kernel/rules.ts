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
  sameAsBefore: rule('must differ from the current one', '現在と異なる値を入力してください'),
  repeatDiffers: rule('differs from the first entry', '確認用の入力と一致しません'),
  differsFromCurrent: rule('must differ from the current password', '現在のパスワードと異なるものを入力してください'),
  mail: rule('is not a mail address', 'メールアドレスの形式ではありません'),
  katakana: rule('must be full-width katakana', '全角カタカナで入力してください'),
  phone: rule('digits and hyphens only', '数字とハイフンで入力してください'),
  certificateName: rule(
    'must look like Yamada.Taro: half-width letters and digits, one capital at the beginning of each name',
    'Yamada.Taro の形式で入力してください（半角英数字、姓と名の先頭のみ大文字）',
  ),
  certificateCharacters: rule(
    'these characters cannot stand in a certificate; write them in their standard form: {characters}',
    '証明書に使用できない文字です。標準の文字で入力してください: {characters}',
  ),
  /** Known to clients by these names (spec EC-39, EC-40). */
  BRANCH_NAME_NOT_ALLOWED: rule(
    'the company alone, without "{word}": no branch or office names',
    '会社名のみを入力してください（「{word}」は入力できません）',
  ),
  OLD_FORM_GLYPH: rule(
    '{characters} is an old form; write {suggestion}',
    '旧字体（{characters}）は使用できません。{suggestion} と入力してください',
  ),
  challenge: rule(
    'does not match the picture; here is a new one: {challengeId}',
    '画像の文字と一致しません。新しい画像（{challengeId}）の文字を入力してください',
  ),
  agreement: rule('agree to go on', '同意が必要です'),
  fileKind: rule('must be one of: {kinds}', '次のいずれかの形式のファイルを指定してください: {kinds}'),
  fileSize: rule('may have at most {maxMegabytes} MB', '{maxMegabytes} MB 以内のファイルを指定してください'),
  /** Known to clients by this name (spec EC-17). */
  QUANTITY_REQUIRED: rule('order at least one', '1枚以上の数量を入力してください'),
  deliveryType: rule('choose one of the delivery types', '証明書送付種類を選択してください'),
  day: rule(
    'must be a day that is not in the future, like 2026-07-01',
    '2026-07-01 の形式で、未来でない日を入力してください',
  ),
  dayFrom: rule('must not be before {from}', '{from} 以降の日を入力してください'),
  postalCode: rule('must look like 100-0001 or 1000001', '100-0001 または 1000001 の形式で入力してください'),
  wholeNumber: rule('must be a whole number from {min} to {max}', '{min}以上{max}以下の整数で入力してください'),
  malware: rule('was refused by the malware check', 'マルウェア検査で拒否されました'),
  notInFuture: rule('must not lie in the future', '未来の日付は指定できません'),
  atLeastOne: rule('choose at least one of: {values}', '次のうち1つ以上を選択してください: {values}'),
  count: rule('needs {min} to {max} entries', '{min}件から{max}件で指定してください'),
  format: rule('has the wrong format: {format}', '形式が違います: {format}'),
  oneOf: rule('must be one of: {values}', '次のいずれかを指定してください: {values}'),
} as const;

export type RuleName = keyof typeof RULES;
