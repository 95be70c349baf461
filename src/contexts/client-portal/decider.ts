import type { Actor } from '../../kernel/actor.js';
import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import { POLICIES } from '../../kernel/service-policies.js';
import {
  ACCEPTANCE_NUMBER,
  type addCase,
  caseAdded,
  type changeOwnPassword,
  CLIENT_CODE,
  type ClientCompanyCommand,
  type ClientCompanyEvent,
  clientCompanyEvents,
  clientCompanyRegistered,
  clientSetupCompleted,
  type createPortalUser,
  type deletePortalUser,
  initialPasswordReissued,
  type issueManagementAccount,
  managementAccountIssued,
  managementAccountPasswordChanged,
  portalUserCreated,
  portalUserDeleted,
  portalUserPasswordChanged,
  type registerClientCompany,
  type reissueInitialPassword,
  standardAdded,
  TITLE,
} from './messages.js';
import {
  decideProcedureGrant,
  decideProcedureRevocation,
  decideViewGrant,
  decideViewRevocation,
  revocationsOf,
  USERS_MAX,
} from './permissions.decider.js';
import { decideDownload, decideMaterial, decideProcedure } from './case-use.decider.js';
import { type ClientCompany, evolve, noCompany, userOf } from './state.js';

type Decision = Outcome<ClientCompanyEvent>;

const LOGIN_ID = { kind: 'id', policy: POLICIES['client-portal'].loginId! } as const;
const DISPLAY_NAME = { kind: 'name', policy: POLICIES['client-portal'].name! } as const;
const notPermitted = (permission: string): Decision => refuse(refusal('NOT_PERMITTED', { permission }));

const register = ({ data }: MessageOf<typeof registerClientCompany>, company: ClientCompany): Decision => {
  const faults = [
    ...validate('clientCode', data.clientCode, { kind: 'id', policy: CLIENT_CODE }),
    ...validate('name', data.name, TITLE),
  ];
  if (faults.length > 0) return refuse(invalid(faults));
  if (company.registered) return refuse(refusal('CLIENT_COMPANY_EXISTS', { clientCode: data.clientCode }));
  return accept(clientCompanyRegistered(data));
};

const addToStandards = (data: { clientCode: string; standard: string }, company: ClientCompany): Decision => {
  const faults = validate('standard', data.standard, TITLE);
  if (faults.length > 0) return refuse(invalid(faults));
  if (company.standards.includes(data.standard)) return refuse(refusal('STANDARD_EXISTS', { standard: data.standard }));
  return accept(standardAdded(data));
};

const add = ({ data }: MessageOf<typeof addCase>, company: ClientCompany): Decision => {
  const { acceptanceNumber, standard } = data;
  const faults = validate('acceptanceNumber', acceptanceNumber, { kind: 'id', policy: ACCEPTANCE_NUMBER });
  if (faults.length > 0) return refuse(invalid(faults));
  if (!company.standards.includes(standard)) return refuse(refusal('NOT_FOUND'));
  if (acceptanceNumber in company.cases) return refuse(refusal('CASE_EXISTS', { acceptanceNumber }));
  return accept(caseAdded(data));
};

const issue = (
  { data }: MessageOf<typeof issueManagementAccount>,
  company: ClientCompany,
  { commandId }: Moment,
): Decision => {
  const faults = validate('userId', data.userId, LOGIN_ID);
  if (faults.length > 0) return refuse(invalid(faults));
  if (company.management) return refuse(refusal('MANAGEMENT_ACCOUNT_EXISTS', { userId: company.management.userId }));
  return accept(managementAccountIssued({ ...data, accountId: derivedId(commandId, 'account') }));
};

const reissue = ({ data }: MessageOf<typeof reissueInitialPassword>, { management }: ClientCompany): Decision => {
  if (!management) return refuse(refusal('MANAGEMENT_ACCOUNT_MISSING'));
  const { accountId, userId, credentialId: replacedCredentialId } = management;
  return accept(initialPasswordReissued({ ...data, accountId, userId, replacedCredentialId }));
};

const changePassword = (
  { data }: MessageOf<typeof changeOwnPassword>,
  company: ClientCompany,
  { actor }: Moment,
): Decision => {
  const { clientCode, credentialId, provenCredentialId } = data;
  const manages = company.management?.accountId === actor.id;
  const own = manages ? company.management : userOf(company, actor.id);
  if (!own) return notPermitted('an account of this company');
  if (provenCredentialId !== own.credentialId) return refuse(refusal('CURRENT_PASSWORD_WRONG'));
  const { accountId, userId, credentialId: replacedCredentialId } = own;
  const changed = { clientCode, accountId, userId, credentialId, replacedCredentialId };
  return accept(manages ? managementAccountPasswordChanged(changed) : portalUserPasswordChanged(changed));
};

const create = (
  { data }: MessageOf<typeof createPortalUser>,
  company: ClientCompany,
  { commandId }: Moment,
): Decision => {
  const { userId } = data;
  const faults = [...validate('displayName', data.displayName, DISPLAY_NAME), ...validate('userId', userId, LOGIN_ID)];
  if (faults.length > 0) return refuse(invalid(faults));
  const taken = [company.management, ...company.users].some((account) => account?.userId === userId);
  if (taken) return refuse(refusal('USER_ID_TAKEN', { userId }));
  const max = USERS_MAX * company.standards.length;
  if (company.users.length >= max) return refuse(refusal('USER_LIMIT', { max, scope: data.clientCode }));
  return accept(portalUserCreated({ ...data, accountId: derivedId(commandId, 'account') }));
};

const remove = ({ data }: MessageOf<typeof deletePortalUser>, company: ClientCompany): Decision => {
  const { clientCode, accountId } = data;
  if (accountId === company.management?.accountId) return refuse(refusal('MANAGEMENT_ACCOUNT_STAYS'));
  const user = userOf(company, accountId);
  if (!user) return refuse(refusal('NOT_FOUND'));
  const { userId, displayName, credentialId } = user;
  return accept(
    ...revocationsOf(company, clientCode, user),
    portalUserDeleted({ clientCode, accountId, userId, displayName, credentialId }),
  );
};

type Role = 'backOffice' | 'management' | 'anyAccount';

const ROLES: Readonly<Record<ClientCompanyCommand['type'], Role>> = {
  'client-portal.RegisterClientCompany': 'backOffice',
  'client-portal.AddStandard': 'backOffice',
  'client-portal.AddCase': 'backOffice',
  'client-portal.IssueManagementAccount': 'backOffice',
  'client-portal.ReissueInitialPassword': 'backOffice',
  'client-portal.CreatePortalUser': 'management',
  'client-portal.DeletePortalUser': 'management',
  'client-portal.GrantViewPermission': 'management',
  'client-portal.RevokeViewPermission': 'management',
  'client-portal.GrantProcedurePermission': 'management',
  'client-portal.RevokeProcedurePermission': 'management',
  'client-portal.ChangeOwnPassword': 'anyAccount',
  'client-portal.SubmitProcedure': 'anyAccount',
  'client-portal.AddMaterial': 'backOffice',
  'client-portal.DownloadMaterial': 'anyAccount',
};

const PERMISSIONS: Readonly<Record<Role, string>> = {
  backOffice: 'back office',
  management: 'user management',
  anyAccount: 'an account of this company',
};

const holds = (role: Role, { kind, id }: Actor, company: ClientCompany): boolean => {
  switch (role) {
    case 'backOffice':
      return kind === 'backOffice';
    case 'management':
      return kind === 'user' && id === company.management?.accountId;
    case 'anyAccount':
      return kind === 'user';
    default:
      return unreachable(role);
  }
};

const decideCommand = (command: ClientCompanyCommand, company: ClientCompany, moment: Moment): Decision => {
  switch (command.type) {
    case 'client-portal.RegisterClientCompany':
      return register(command, company);
    case 'client-portal.AddStandard':
      return addToStandards(command.data, company);
    case 'client-portal.AddCase':
      return add(command, company);
    case 'client-portal.IssueManagementAccount':
      return issue(command, company, moment);
    case 'client-portal.ReissueInitialPassword':
      return reissue(command, company);
    case 'client-portal.ChangeOwnPassword':
      return changePassword(command, company, moment);
    case 'client-portal.CreatePortalUser':
      return create(command, company, moment);
    case 'client-portal.DeletePortalUser':
      return remove(command, company);
    case 'client-portal.GrantViewPermission':
      return decideViewGrant(company, command);
    case 'client-portal.RevokeViewPermission':
      return decideViewRevocation(company, command);
    case 'client-portal.GrantProcedurePermission':
      return decideProcedureGrant(company, command);
    case 'client-portal.RevokeProcedurePermission':
      return decideProcedureRevocation(company, command);
    case 'client-portal.SubmitProcedure':
      return decideProcedure(company, command, moment);
    case 'client-portal.AddMaterial':
      return decideMaterial(company, command);
    case 'client-portal.DownloadMaterial':
      return decideDownload(company, command, moment);
    default:
      return unreachable(command);
  }
};

/** The steps may be done in any order; logging in is the one that no other can precede. */
const completing = (before: ClientCompany, decision: Decision, clientCode: string): Decision => {
  if (decision.refusal || before.setupCompleted) return decision;
  const { management, setup } = decision.events.reduce(evolve, before);
  const done = management?.passwordChanged && setup.userCreated && setup.viewGranted && setup.procedureGranted;
  return done ? accept(...decision.events, clientSetupCompleted({ clientCode })) : decision;
};

export const clientCompanyDecider: Decider<ClientCompany, ClientCompanyCommand, ClientCompanyEvent> = {
  stream: ({ data }) => `clientCompany-${data.clientCode}`,
  initial: noCompany,
  events: clientCompanyEvents,
  evolve,
  decide(command, company, moment) {
    const role = ROLES[command.type];
    if (!holds(role, moment.actor, company)) return notPermitted(PERMISSIONS[role]);
    if (!company.registered && command.type !== 'client-portal.RegisterClientCompany')
      return refuse(refusal('NOT_FOUND'));
    return completing(company, decideCommand(command, company, moment), command.data.clientCode);
  },
};
