import type { RuleName } from './rules.js';

/** The classes of spec 6 §3. What they mean to a transport is the transport's business. */
export type RefusalKind = 'E400' | 'E401' | 'E403' | 'E404' | 'E409' | 'E410' | 'E422' | 'E423' | 'E429';

type Entry = Readonly<{ kind: RefusalKind; en: string; ja: string }>;

const entry = (kind: RefusalKind, en: string, ja: string): Entry => ({ kind, en, ja });

/**
 * The closed list of refusals. A code is never reused and never changes its class: clients branch on
 * it. `{name}` is filled from the refusal's parameters.
 */
export const REFUSALS = {
  VALIDATION_FAILED: entry(
    'E400',
    'Some values break a rule; see errors.',
    '入力内容に誤りがあります。errors を確認してください。',
  ),
  CREDENTIALS_WRONG: entry(
    'E401',
    'Client code, user ID or password is wrong.',
    'クライアントコード、ユーザーIDまたはパスワードが違います。',
  ),
  USER_ID_OR_PASSWORD_WRONG: entry(
    'E401',
    'User ID (or mail address) or password is wrong.',
    'ユーザーID（またはメールアドレス）またはパスワードが違います。',
  ),
  USER_ID_NEEDED: entry(
    'E401',
    'Several users share this mail address; enter the user ID.',
    '同じメールアドレスの利用者が複数います。ユーザーIDを入力してください。',
  ),
  PIN_REFUSED: entry('E401', 'The certificate does not open with this PIN.', 'このPINでは証明書を使用できません。'),
  NOT_LOGGED_IN: entry('E401', 'Log in first.', 'ログインしてください。'),
  ACCESS_TOKEN_WRONG: entry('E401', 'The access token is not valid here.', 'アクセストークンが有効ではありません。'),
  CSRF_TOKEN_WRONG: entry(
    'E403',
    'The X-CSRF-Token header is missing or wrong; take the token from the login answer.',
    'X-CSRF-Token ヘッダーがないか正しくありません。ログイン応答のトークンを指定してください。',
  ),
  NOT_PERMITTED: entry(
    'E403',
    'This needs the permission "{permission}".',
    'この操作には「{permission}」の権限が必要です。',
  ),
  DUTIES_NOT_AGREED: entry(
    'E403',
    'Read and agree to the user duties first.',
    '先に利用者の義務を確認のうえ同意してください。',
  ),
  PASSWORD_CHANGE_REQUIRED: entry(
    'E403',
    'Change the initial password first.',
    '先に初期パスワードを変更してください。',
  ),
  NOT_FOUND: entry('E404', 'There is no such thing here.', '対象が見つかりません。'),
  CLIENT_COMPANY_EXISTS: entry(
    'E409',
    'Client code {clientCode} is taken.',
    'クライアントコード {clientCode} は登録済みです。',
  ),
  MANAGEMENT_ACCOUNT_EXISTS: entry(
    'E409',
    'The company already has its management account {userId}.',
    '管理アカウント {userId} は発行済みです。',
  ),
  MANAGEMENT_ACCOUNT_MISSING: entry(
    'E409',
    'The company has no management account yet; issue it first.',
    '管理アカウントが未発行です。先に発行してください。',
  ),
  STANDARD_EXISTS: entry('E409', 'The standard {standard} is registered already.', '規格 {standard} は登録済みです。'),
  CASE_EXISTS: entry(
    'E409',
    'The acceptance number {acceptanceNumber} is taken.',
    '受理番号 {acceptanceNumber} は登録済みです。',
  ),
  USER_ID_TAKEN: entry(
    'E409',
    'The user ID {userId} is in use in this company.',
    'ユーザーID {userId} は使用されています。',
  ),
  VIEW_PERMISSION_EXISTS: entry(
    'E409',
    'The user already holds view permission on {acceptanceNumber}.',
    '受理番号 {acceptanceNumber} の閲覧権限は付与済みです。',
  ),
  PROCEDURE_PERMISSION_EXISTS: entry(
    'E409',
    'The user is the procedure user of {acceptanceNumber} already.',
    '受理番号 {acceptanceNumber} の手続き権限は付与済みです。',
  ),
  PROCEDURE_USER_EXISTS: entry(
    'E409',
    'Move procedure permission from {holder} to {user}? Repeat with confirmation to do so.',
    '手続き権限を {holder} から {user} へ移しますか。移す場合は確認のうえ再実行してください。',
  ),
  APPLICATION_STATE: entry(
    'E409',
    'The application is in the state {status}; this cannot be done now.',
    '申請の状態が {status} のため、この操作はできません。',
  ),
  APPROVAL_TO_CONFIRM: entry(
    'E409',
    'Approve the issuance? Repeat with confirmation to do so.',
    '発行を承認しますか。承認する場合は確認のうえ再実行してください。',
  ),
  SUMMARY_NOT_SAVED: entry(
    'E409',
    'The registered content with the PIN was not downloaded. Save the content first? Or repeat, saying that it is not wanted.',
    'PINを含む登録内容がダウンロードされていません。先に保存しますか。不要な場合はその旨を指定して再実行してください。',
  ),
  OWNER_COMPANY_EXISTS: entry(
    'E409',
    'Company code {companyCode} is taken.',
    '企業コード {companyCode} は登録済みです。',
  ),
  PARTNER_COMPANY_EXISTS: entry(
    'E409',
    'Vendor code {vendorCode} is taken.',
    '業者コード {vendorCode} は登録済みです。',
  ),
  PARTNER_GROUP_EXISTS: entry('E409', 'The group {name} is registered already.', 'グループ {name} は登録済みです。'),
  CHANGED_MEANWHILE: entry(
    'E409',
    'Someone was faster; read the present state and try again.',
    '他の操作が先に行われました。最新の状態を確認して再実行してください。',
  ),
  CERTIFICATE_STATE: entry(
    'E409',
    'This cannot be done with a certificate that is {status}.',
    'この状態（{status}）の証明書にはこの操作を行えません。',
  ),
  REVOCATION_REQUEST_DECIDED: entry(
    'E409',
    'The revocation request has been decided already.',
    'この失効申請は処理済みです。',
  ),
  NO_CERTIFICATE_REGISTERED: entry(
    'E409',
    'No certificate is registered to this signer.',
    'この署名者には証明書が登録されていません。',
  ),
  UNREGISTRATION_UNCONFIRMED: entry(
    'E409',
    'Take the certificate away from the signer? It will not be revoked. Repeat with its certificateId to do so.',
    '署名者から証明書を削除しますか（失効はされません）。削除する場合は certificateId を指定して再実行してください。',
  ),
  STAFF_EXISTS: entry('E409', 'The login ID {loginId} is taken.', 'ログインID {loginId} は使用されています。'),
  STAFF_STATE_WRONG: entry(
    'E409',
    'The account is {state}; this cannot be done to it now.',
    'アカウントの状態（{state}）ではこの操作はできません。',
  ),
  ACCESS_TOKEN_REVOKED: entry('E409', 'The access token is revoked already.', 'アクセストークンは失効済みです。'),
  LINK_EXPIRED: entry(
    'E410',
    'This link has expired; please register the application again.',
    'リンクの有効期限が切れています。申請登録をやり直してください。',
  ),
  LINK_NO_LONGER_VALID: entry(
    'E410',
    'This link was used or replaced by a newer one; use the newest mail, or look at the state of the application.',
    'このリンクは使用済みか、新しいリンクに置き換えられています。最新のメールまたは申請の状態を確認してください。',
  ),
  CONFIRMATION_EXPIRED: entry(
    'E410',
    'What was confirmed is too old or was changed; enter the details again.',
    '確認内容の有効期限が切れているか変更されています。入力からやり直してください。',
  ),
  ORDER_STATE: entry(
    'E409',
    'The order is in the state {status}; this cannot be done now.',
    '注文の状態が {status} のため、この操作はできません。',
  ),
  DELIVERY_TYPE_FIRST: entry('E409', 'Choose the delivery type first.', '先に証明書送付種類を選択してください。'),
  ORDER_DETAILS_FIRST: entry('E409', 'Enter the order details first.', '先に注文内容を入力してください。'),
  PURCHASE_LINK_EXPIRED: entry(
    'E410',
    'This link has expired; please start again from the purchase page.',
    'リンクの有効期限が切れています。購入手続きを最初からやり直してください。',
  ),
  PURCHASE_LINK_USED: entry(
    'E410',
    'The order of this link was placed; start a new purchase to buy more.',
    'このリンクの注文は完了しています。追加で購入する場合は、新しく購入手続きを開始してください。',
  ),
  COMPANY_CODE_UNKNOWN: entry('E422', 'There is no company with this code.', '企業コードが登録されていません。'),
  TICKET_NOT_USABLE: entry(
    'E422',
    'This ticket number cannot be used; check number and company code.',
    'このチケット番号は使用できません。番号と企業コードを確認してください。',
  ),
  USER_ID_NOT_FOUND: entry(
    'E422',
    'There is no such user in this company.',
    'この企業に該当するユーザーIDがありません。',
  ),
  AGENT_USER_ID: entry(
    'E422',
    "This is the agent's own user ID; enter that of the holder.",
    '代理人自身のユーザーIDです。名義人のユーザーIDを入力してください。',
  ),
  HOLDER_NOT_SIGNER: entry(
    'E422',
    'The holder must be a user with the permission "signer".',
    '名義人には「署名者」権限のあるユーザーを指定してください。',
  ),
  HOLDER_MAIL_IS_AGENT: entry(
    'E422',
    "The holder's mail address must differ from the agent's.",
    '名義人のメールアドレスは代理人と異なるものを入力してください。',
  ),
  HOLDER_MAIL_DIFFERS: entry(
    'E422',
    "Who applies in person is the holder: the holder's mail address must be the applicant's.",
    '本人申請では、名義人のメールアドレスは申請者と同じものを入力してください。',
  ),
  HOLDER_MAIL_UNKNOWN: entry(
    'E422',
    'This mail address is not registered for the holder in the e-contract service.',
    'このメールアドレスは、名義人のものとして電子契約サービスに登録されていません。',
  ),
  IDENTITY_DOCUMENT_MISSING: entry(
    'E422',
    'Upload the identity document first.',
    '先に本人確認書類をアップロードしてください。',
  ),
  HOLDER_LINK_LIMIT: entry(
    'E422',
    'No more than {max} links are sent to a holder; please register the application again.',
    '名義人へのリンク送付は {max} 回までです。申請登録をやり直してください。',
  ),
  TERM_NOT_AVAILABLE: entry(
    'E422',
    'Certificates of {years} years cannot be issued at present; choose a shorter term, or ask the registration authority.',
    '有効期間{years}年の証明書は現在発行できません。短い有効期間を選ぶか、登録局にお問い合わせください。',
  ),
  IDENTITY_DOCUMENT_NOT_SEEN: entry(
    'E422',
    'Whoever verifies the identity must have looked at the identity document before.',
    '本人確認を行う担当者は、先に本人確認書類を閲覧してください。',
  ),
  SECOND_PERSON_REQUIRED: entry(
    'E422',
    'Somebody other than the person who verified the identity must issue.',
    '本人確認を行った担当者とは別の担当者が発行してください。',
  ),
  NOTIFICATION_TOO_OLD: entry(
    'E422',
    'The mail is older than mails are kept; it cannot be sent again.',
    'メールの保存期間を過ぎているため、再送できません。',
  ),
  NOTIFICATION_UNDER_WAY: entry(
    'E409',
    'The mail is still being sent; it can be sent again when that has ended.',
    'メールは送信処理中です。処理が終わってから再送してください。',
  ),
  IDEMPOTENCY_KEY_REUSED: entry(
    'E422',
    'This Idempotency-Key was used for another request; use a new key.',
    'この Idempotency-Key は別の要求で使用済みです。新しいキーを使用してください。',
  ),
  OWN_ACCOUNT: entry(
    'E422',
    'Nobody does this to the own account; ask another administrator.',
    '自分のアカウントには実行できません。他の管理者に依頼してください。',
  ),
  ACCESS_TOKEN_LIMIT: entry(
    'E422',
    'At most {max} access tokens may be valid at a time; revoke one first.',
    '有効なアクセストークンは {max} 個までです。先に失効させてください。',
  ),
  CERTIFICATE_NOT_ACTIVE: entry(
    'E422',
    'The certificate cannot be used; it is {status}.',
    '証明書を使用できません（状態: {status}）。',
  ),
  REPLACEMENT_NOT_USABLE: entry(
    'E422',
    'Only an active certificate that is valid for longer can take its place.',
    '有効で、有効期限がより先の証明書にのみ更新できます。',
  ),
  CURRENT_PASSWORD_WRONG: entry('E422', 'The current password is wrong.', '現在のパスワードが違います。'),
  USER_LIMIT: entry('E422', 'At most {max} users are allowed ({scope}).', '利用者は {max} 名までです（{scope}）。'),
  VIEW_USER_LIMIT: entry(
    'E422',
    'At most 4 view users on {standard}; make one the procedure user first.',
    '{standard} の閲覧ユーザーは4名までです。先に1名を手続きユーザーにしてください。',
  ),
  VIEW_PERMISSION_FIRST: entry(
    'E422',
    'Grant view permission on {acceptanceNumber} first.',
    '先に受理番号 {acceptanceNumber} の閲覧権限を付与してください。',
  ),
  PROCEDURE_PERMISSION_HELD: entry(
    'E422',
    'Untick the procedure permission on {acceptanceNumber} first.',
    '先に受理番号 {acceptanceNumber} の手続き権限を外してください。',
  ),
  MANAGEMENT_ACCOUNT_STAYS: entry(
    'E422',
    'The management account cannot be deleted.',
    '管理アカウントは削除できません。',
  ),
  IMMUTABLE: entry(
    'E422',
    '{field} cannot be changed; delete the user and make it again.',
    '{field} は変更できません。削除して作り直してください。',
  ),
  RESET_LINK_DEAD: entry(
    'E410',
    'This link was used or has expired; ask for a new one on the login page.',
    'このリンクは使用済みか有効期限切れです。ログイン画面から再度お申し込みください。',
  ),
  DOCUMENT_MISSING: entry('E422', 'Hand in first: {documents}.', '次の書類が提出されていません: {documents}'),
  GROUP_ADMINISTRATOR_NEEDED: entry(
    'E422',
    'A group needs a group administrator; give one of the registrants that permission.',
    'グループにはグループ管理者が必要です。登録者のいずれかに権限を付与してください。',
  ),
  LAST_GROUP_ADMINISTRATOR: entry(
    'E422',
    'This is the last group administrator of the group; make another one first.',
    'グループの最後のグループ管理者です。先に別の利用者をグループ管理者にしてください。',
  ),
  ACCOUNT_LOCKED: entry(
    'E423',
    'Locked after too many wrong passwords; try again after {until} or ask the back office.',
    'パスワードの誤りが続いたためロックされています。{until} 以降に再試行するか、事務局へご連絡ください。',
  ),
  TOO_MANY_PINS: entry(
    'E429',
    'Too many wrong PINs; try again in {retryAfterSeconds} seconds.',
    'PINの誤りが続いています。{retryAfterSeconds} 秒後に再試行してください。',
  ),
  TOO_MANY_STREAMS: entry(
    'E429',
    'At most {max} streams may be open at a time; close one first.',
    '同時に開けるストリームは {max} 本までです。先に閉じてください。',
  ),
  TOO_MANY_TRIES: entry(
    'E429',
    'Too many tries; wait and try again.',
    '試行回数が多すぎます。時間をおいて再試行してください。',
  ),
} as const satisfies Record<string, Entry>;

export type RefusalCode = keyof typeof REFUSALS;
export type Parameters = Readonly<Record<string, string | number>>;
export type FieldError = Readonly<{ field: string; rule: RuleName; params?: Parameters }>;

/** An expected answer, so a value. Faults throw. */
export type Refusal = Readonly<{ code: RefusalCode; params: Parameters; errors?: readonly FieldError[] }>;

export const refusal = (code: Exclude<RefusalCode, 'VALIDATION_FAILED'>, params: Parameters = {}): Refusal => ({
  code,
  params,
});

export const invalid = (errors: readonly FieldError[]): Refusal => ({ code: 'VALIDATION_FAILED', params: {}, errors });

export type Language = 'en' | 'ja';

export const fill = (template: string, params: Parameters): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));

export const textOf = ({ code, params }: Refusal, language: Language): string => fill(REFUSALS[code][language], params);
