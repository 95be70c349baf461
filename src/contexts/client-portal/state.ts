import { unreachable } from '../../kernel/decider.js';
import type { ClientCompanyEvent } from './messages.js';

export type ManagementAccount = Readonly<{
  accountId: string;
  userId: string;
  credentialId: string;
  passwordChanged: boolean;
}>;

export type PortalUser = Readonly<{
  accountId: string;
  userId: string;
  displayName: string;
  credentialId: string;
  /** Acceptance numbers the user may see, and those among them whose procedures it carries out. */
  views: readonly string[];
  procedures: readonly string[];
}>;

/** What was done at least once; deleting a user does not undo a step of the set-up. */
export type SetupSteps = Readonly<{ userCreated: boolean; viewGranted: boolean; procedureGranted: boolean }>;

export type ClientCompany = Readonly<{
  registered: boolean;
  standards: readonly string[];
  /** Acceptance number → standard. */
  cases: Readonly<Record<string, string>>;
  /** Material id → acceptance number. */
  materials: Readonly<Record<string, string>>;
  management: ManagementAccount | null;
  users: readonly PortalUser[];
  setup: SetupSteps;
  setupCompleted: boolean;
}>;

export const noCompany: ClientCompany = {
  registered: false,
  standards: [],
  cases: {},
  materials: {},
  management: null,
  users: [],
  setup: { userCreated: false, viewGranted: false, procedureGranted: false },
  setupCompleted: false,
};

export const userOf = (company: ClientCompany, accountId: string): PortalUser | undefined =>
  company.users.find((user) => user.accountId === accountId);

export const procedureUserOf = (company: ClientCompany, acceptanceNumber: string): PortalUser | undefined =>
  company.users.find((user) => user.procedures.includes(acceptanceNumber));

export type StandardUse = Readonly<{ users: number; viewOnly: number }>;

/** Limits count distinct users over all cases of one standard; who does procedures there is no view user. */
export const useOf = (company: ClientCompany, standard: string): StandardUse => {
  const within = (numbers: readonly string[]) => numbers.some((number) => company.cases[number] === standard);
  const users = company.users.filter(({ views }) => within(views));
  return { users: users.length, viewOnly: users.filter(({ procedures }) => !within(procedures)).length };
};

const change = (company: ClientCompany, accountId: string, by: (user: PortalUser) => PortalUser): ClientCompany => ({
  ...company,
  users: company.users.map((user) => (user.accountId === accountId ? by(user) : user)),
});

const changeManagement = (company: ClientCompany, to: Partial<ManagementAccount>): ClientCompany => ({
  ...company,
  management: company.management && { ...company.management, ...to },
});

const without = (numbers: readonly string[], number: string) => numbers.filter((other) => other !== number);

export const evolve = (company: ClientCompany, { type, data }: ClientCompanyEvent): ClientCompany => {
  switch (type) {
    case 'client-portal.ClientCompanyRegistered':
      return { ...company, registered: true };
    case 'client-portal.StandardAdded':
      return { ...company, standards: [...company.standards, data.standard] };
    case 'client-portal.CaseAdded':
      return { ...company, cases: { ...company.cases, [data.acceptanceNumber]: data.standard } };
    case 'client-portal.ManagementAccountIssued':
      return { ...company, management: { ...data, passwordChanged: false } };
    case 'client-portal.InitialPasswordReissued':
      // The person must choose again, but the step of the set-up was done and stays done.
      return changeManagement(company, { credentialId: data.credentialId });
    case 'client-portal.ManagementAccountPasswordChanged':
      return changeManagement(company, { credentialId: data.credentialId, passwordChanged: true });
    case 'client-portal.PortalUserCreated': {
      const { clientCode: _, ...created } = data;
      const users = [...company.users, { ...created, views: [], procedures: [] }];
      return { ...company, users, setup: { ...company.setup, userCreated: true } };
    }
    case 'client-portal.PortalUserPasswordChanged':
      return change(company, data.accountId, (user) => ({ ...user, credentialId: data.credentialId }));
    case 'client-portal.PortalUserDeleted':
      return { ...company, users: company.users.filter(({ accountId }) => accountId !== data.accountId) };
    case 'client-portal.ViewPermissionGranted':
      return change({ ...company, setup: { ...company.setup, viewGranted: true } }, data.accountId, (user) => ({
        ...user,
        views: [...user.views, data.acceptanceNumber],
      }));
    case 'client-portal.ViewPermissionRevoked':
      return change(company, data.accountId, (user) => ({
        ...user,
        views: without(user.views, data.acceptanceNumber),
      }));
    case 'client-portal.ProcedurePermissionGranted':
      return change({ ...company, setup: { ...company.setup, procedureGranted: true } }, data.accountId, (user) => ({
        ...user,
        procedures: [...user.procedures, data.acceptanceNumber],
      }));
    case 'client-portal.ProcedurePermissionRevoked':
      return change(company, data.accountId, (user) => ({
        ...user,
        procedures: without(user.procedures, data.acceptanceNumber),
      }));
    case 'client-portal.ClientSetupCompleted':
      return { ...company, setupCompleted: true };
    case 'client-portal.MaterialAdded':
      return { ...company, materials: { ...company.materials, [data.materialId]: data.acceptanceNumber } };
    case 'client-portal.MaterialDownloaded':
    case 'client-portal.ProcedureSubmitted':
      return company;
    default:
      return unreachable(type);
  }
};
