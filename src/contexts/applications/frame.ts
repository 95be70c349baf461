import type { ApplicantType } from './messages.js';
import type { Status } from './state.js';

/** The two halves of the progress bar (EC-26). */
const AGENT_STEPS = [
  'applicantDetails',
  'confirm',
  'done',
  'receiveConfirmationMail',
  'applicationDetails',
  'confirmDetails',
  'detailsDone',
] as const;
const HOLDER_STEPS = [
  'receiveConfirmationMail',
  'approveApplication',
  'done',
  'issuanceComplete',
  'certificateRegistered',
] as const;

export type AgentStep = (typeof AGENT_STEPS)[number];
export type HolderStep = (typeof HOLDER_STEPS)[number];
type Mark = Readonly<{ step: string; state: 'done' | 'current' | 'open' }>;

const marked = (steps: readonly string[], current: string | null, allDone: boolean): readonly Mark[] => {
  const at = current === null ? -1 : steps.indexOf(current);
  return steps.map((step, index) => ({
    step,
    state: allDone || index < at ? 'done' : index === at ? 'current' : 'open',
  }));
};

export type Place = Readonly<{ agent: AgentStep | 'over' | null; holder: HolderStep | 'over' | null }>;

/** In person there is one part after the other for the same person; for an agent the second part is the holder's. */
export const progressAt = ({ agent, holder }: Place) => ({
  agent: marked(AGENT_STEPS, agent === 'over' ? null : agent, agent === 'over'),
  holder: marked(HOLDER_STEPS, holder === 'over' ? null : holder, holder === 'over'),
});

export const placeOf = (status: Status, applicantType: ApplicantType | null): Place => {
  switch (status) {
    case 'None':
    case 'DutiesAgreed':
    case 'Abandoned':
      return { agent: 'applicantDetails', holder: null };
    case 'AwaitingApplicantLink':
      return { agent: 'receiveConfirmationMail', holder: null };
    case 'EnteringDetails':
      return { agent: 'applicationDetails', holder: null };
    case 'AwaitingHolderApproval':
      return { agent: 'over', holder: 'receiveConfirmationMail' };
    case 'HolderInSession':
      return { agent: 'over', holder: 'approveApplication' };
    case 'UnderReview':
      return { agent: 'over', holder: 'done' };
    case 'Issued':
    case 'Revoked':
      return { agent: 'over', holder: 'issuanceComplete' };
    case 'Active':
      return { agent: 'over', holder: 'over' };
    case 'Expired':
    case 'RejectedByHolder':
    case 'Returned':
      return { agent: applicantType === 'self' ? 'over' : null, holder: null };
  }
};

export type Notice = Readonly<{ date: string; text: string }>;
export type Lra = Readonly<{
  name: string;
  contact: string;
  /** The operator's own; null: the one that is served here. */
  manualUrl: string | null;
  notices: readonly Notice[];
}>;
export const MANUAL = '/api/v1/e-contract/issuance/manual';

/** What stands around every page of the issuance site. */
export const frameAt = (lra: Lra, place: Place) => ({
  links: { revocation: '/api/v1/e-contract/revocation-requests', manual: lra.manualUrl ?? MANUAL },
  notices: lra.notices,
  contact: { name: lra.name, contact: lra.contact },
  progress: progressAt(place),
});
