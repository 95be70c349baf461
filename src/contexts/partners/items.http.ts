import type { UserRow } from '../../../projections/partners/tables.js';
import { inJapan } from '../../kernel/calendar.js';
import { listOf, moment, oneOf, orNull, shape, text } from '../../platform/http/documented.js';
import { type Role, ROLES } from './messages.js';

/** The five columns of the member list, and what every item has. */
export const USER_FIELDS = {
  id: text,
  type: text,
  status: oneOf('initialPassword', 'active'),
  userId: text,
  name: text,
  roles: listOf(oneOf(...ROLES)),
  mail: text,
  secondaryMail: orNull(text),
  /** When the registration notice went out; null while it has not. */
  noticeSentAt: orNull(moment),
  updatedAt: moment,
  actions: listOf(text),
};
export const USER_ITEM = shape(USER_FIELDS);

export const rolesOf = ({ roles }: UserRow): readonly Role[] => JSON.parse(roles) as Role[];

export const userItem = (user: UserRow, actions: readonly string[]) => ({
  id: user.account_id,
  type: 'partnerUser',
  status: user.initial_password === 1 ? 'initialPassword' : 'active',
  userId: user.user_id,
  name: user.name,
  roles: rolesOf(user),
  mail: user.mail,
  secondaryMail: user.secondary_mail,
  noticeSentAt: user.notice_sent_at === null ? null : inJapan(new Date(user.notice_sent_at)),
  updatedAt: inJapan(new Date(user.updated_at)),
  actions,
});
