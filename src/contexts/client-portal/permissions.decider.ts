import { accept, type Outcome, refuse } from '../../kernel/decider.js';
import { type Refusal, refusal } from '../../kernel/refusal.js';
import type {
  grantProcedurePermission,
  grantViewPermission,
  revokeProcedurePermission,
  revokeViewPermission,
} from './messages.js';
import {
  type ClientCompanyEvent,
  procedurePermissionGranted,
  procedurePermissionRevoked,
  viewPermissionGranted,
  viewPermissionRevoked,
} from './messages.js';
import type { MessageOf } from '../../kernel/message.js';
import { type ClientCompany, evolve, type PortalUser, procedureUserOf, useOf, userOf } from './state.js';

export const USERS_MAX = 5;
export const VIEW_USERS_MAX = 4;

type Decision = Outcome<ClientCompanyEvent>;
type Target = Readonly<{ clientCode: string; accountId: string; acceptanceNumber: string }>;

/** The case must be the company's own, and so must the user; a foreign one does not exist for it. */
const onCase = (
  company: ClientCompany,
  { clientCode, accountId, acceptanceNumber }: Target,
  decide: (user: PortalUser, permission: Permission) => Decision,
): Decision => {
  const user = userOf(company, accountId);
  const standard = company.cases[acceptanceNumber];
  if (!user || standard === undefined) return refuse(refusal('NOT_FOUND'));
  return decide(user, { clientCode, accountId, userId: user.userId, acceptanceNumber, standard });
};
type Permission = Target & Readonly<{ userId: string; standard: string }>;

/** Judges the state that the events would leave behind, so that every way to reach it is covered. */
const limitBroken = (
  company: ClientCompany,
  standard: string,
  events: readonly ClientCompanyEvent[],
): Refusal | null => {
  const { users, viewOnly } = useOf(events.reduce(evolve, company), standard);
  if (users > USERS_MAX) return refusal('USER_LIMIT', { max: USERS_MAX, scope: standard });
  return viewOnly > VIEW_USERS_MAX ? refusal('VIEW_USER_LIMIT', { standard }) : null;
};

const withinLimits = (company: ClientCompany, standard: string, ...events: readonly ClientCompanyEvent[]): Decision => {
  const broken = limitBroken(company, standard, events);
  return broken ? refuse(broken) : accept(...events);
};

export const decideViewGrant = (company: ClientCompany, { data }: MessageOf<typeof grantViewPermission>): Decision =>
  onCase(company, data, (user, permission) => {
    const { acceptanceNumber, standard } = permission;
    if (user.views.includes(acceptanceNumber)) return refuse(refusal('VIEW_PERMISSION_EXISTS', { acceptanceNumber }));
    return withinLimits(company, standard, viewPermissionGranted(permission));
  });

export const decideViewRevocation = (
  company: ClientCompany,
  { data }: MessageOf<typeof revokeViewPermission>,
): Decision =>
  onCase(company, data, (user, permission) => {
    const { acceptanceNumber } = permission;
    if (!user.views.includes(acceptanceNumber)) return refuse(refusal('NOT_FOUND'));
    if (user.procedures.includes(acceptanceNumber))
      return refuse(refusal('PROCEDURE_PERMISSION_HELD', { acceptanceNumber }));
    return accept(viewPermissionRevoked(permission));
  });

export const decideProcedureGrant = (
  company: ClientCompany,
  { data }: MessageOf<typeof grantProcedurePermission>,
): Decision =>
  onCase(company, data, (user, permission) => {
    const { acceptanceNumber, standard } = permission;
    if (!user.views.includes(acceptanceNumber)) return refuse(refusal('VIEW_PERMISSION_FIRST', { acceptanceNumber }));
    const holder = procedureUserOf(company, acceptanceNumber);
    if (!holder) return accept(procedurePermissionGranted(permission));
    if (holder.accountId === user.accountId)
      return refuse(refusal('PROCEDURE_PERMISSION_EXISTS', { acceptanceNumber }));
    // The confirmation names whom it takes the permission from: another holder asks anew.
    if (data.moveFrom !== holder.userId) {
      const asked = { holder: holder.displayName, holderUserId: holder.userId, user: user.displayName };
      return refuse(refusal('PROCEDURE_USER_EXISTS', asked));
    }
    const { accountId, userId } = holder;
    return withinLimits(
      company,
      standard,
      procedurePermissionRevoked({ ...permission, accountId, userId, reason: 'moved' }),
      procedurePermissionGranted(permission),
    );
  });

export const decideProcedureRevocation = (
  company: ClientCompany,
  { data }: MessageOf<typeof revokeProcedurePermission>,
): Decision =>
  onCase(company, data, (user, permission) => {
    if (!user.procedures.includes(permission.acceptanceNumber)) return refuse(refusal('NOT_FOUND'));
    return withinLimits(
      company,
      permission.standard,
      procedurePermissionRevoked({ ...permission, reason: 'unticked' }),
    );
  });

/** Everything the user held, case by case, so that each count drops where it must. */
export const revocationsOf = (company: ClientCompany, clientCode: string, user: PortalUser): ClientCompanyEvent[] =>
  user.views.flatMap((acceptanceNumber): ClientCompanyEvent[] => {
    const { accountId, userId } = user;
    const permission = { clientCode, accountId, userId, acceptanceNumber, standard: company.cases[acceptanceNumber]! };
    const revoked = viewPermissionRevoked(permission);
    if (!user.procedures.includes(acceptanceNumber)) return [revoked];
    return [procedurePermissionRevoked({ ...permission, reason: 'userDeleted' }), revoked];
  });
