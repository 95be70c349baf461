import { accept, type Moment, type Outcome, refuse } from '../../kernel/decider.js';
import { derivedId } from '../../kernel/ids.js';
import type { MessageOf } from '../../kernel/message.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import {
  type addMaterial,
  type ClientCompanyEvent,
  type downloadMaterial,
  materialAdded,
  materialDownloaded,
  procedureSubmitted,
  type submitProcedure,
  TITLE,
} from './messages.js';
import { type ClientCompany, type PortalUser, userOf } from './state.js';

type Decision = Outcome<ClientCompanyEvent>;
type Use = Readonly<{ clientCode: string; acceptanceNumber: string }>;
type Permission = Use & Readonly<{ accountId: string; userId: string; standard: string }>;

/** A case that the user may not see does not exist for it. */
const onVisibleCase = (
  company: ClientCompany,
  { clientCode, acceptanceNumber }: Use,
  { actor }: Moment,
  missing: string,
  decide: (user: PortalUser, permission: Permission) => Decision,
): Decision => {
  // The management account never uses a case itself, so it is told so even where it knows the case.
  if (company.management?.accountId === actor.id) return refuse(refusal('NOT_PERMITTED', { permission: missing }));
  const user = userOf(company, actor.id);
  if (!user?.views.includes(acceptanceNumber)) return refuse(refusal('NOT_FOUND'));
  const { accountId, userId } = user;
  return decide(user, { clientCode, accountId, userId, acceptanceNumber, standard: company.cases[acceptanceNumber]! });
};

export const decideProcedure = (
  company: ClientCompany,
  { data }: MessageOf<typeof submitProcedure>,
  moment: Moment,
): Decision =>
  onVisibleCase(company, data, moment, 'procedure permission', (user, permission) => {
    if (!user.procedures.includes(data.acceptanceNumber))
      return refuse(refusal('NOT_PERMITTED', { permission: 'procedure permission' }));
    const faults = validate('procedure', data.procedure, TITLE);
    if (faults.length > 0) return refuse(invalid(faults));
    const procedureId = derivedId(moment.commandId, 'procedure');
    return accept(procedureSubmitted({ ...permission, procedureId, procedure: data.procedure }));
  });

export const decideMaterial = (company: ClientCompany, { data }: MessageOf<typeof addMaterial>): Decision => {
  if (!(data.acceptanceNumber in company.cases)) return refuse(refusal('NOT_FOUND'));
  const faults = validate('fileName', data.fileName, TITLE);
  return faults.length > 0 ? refuse(invalid(faults)) : accept(materialAdded(data));
};

export const decideDownload = (
  company: ClientCompany,
  { data }: MessageOf<typeof downloadMaterial>,
  moment: Moment,
): Decision =>
  onVisibleCase(company, data, moment, 'view permission', (_, permission) => {
    const { acceptanceNumber, materialId } = data;
    if (company.materials[materialId] !== acceptanceNumber) return refuse(refusal('NOT_FOUND'));
    return accept(materialDownloaded({ ...permission, materialId }));
  });
