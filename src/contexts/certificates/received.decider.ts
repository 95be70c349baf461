import { dayOf, startOf } from '../../kernel/calendar.js';
import { accept, type Decider, type Moment, type Outcome, refuse, unreachable } from '../../kernel/decider.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import * as m from './received.messages.js';

type Decision = Outcome<m.ReceivedEvent>;

/** An answer is due by the end of the next business day; a leaked key does not wait for a week. */
const BUSINESS_DAYS_TO_DECIDE = 1;

/** What somebody wrote, whether it names a certificate of ours or not; and the certificates that were found to be meant. */
export type ReceivedRequest = Readonly<{
  request: Omit<m.Received, 'requestId'> | null;
  matched: readonly string[];
  setAside: boolean;
}>;

const decideReceipt = (data: Omit<m.Received, 'dueAt'>, { request }: ReceivedRequest, moment: Moment): Decision => {
  const faults = validate('statement', data.statement, m.STATEMENT);
  if (faults.length > 0) return refuse(invalid(faults));
  if (request) return accept();
  const lastDay = moment.calendar.businessDayAfter(dayOf(moment.now), BUSINESS_DAYS_TO_DECIDE + 1);
  return accept(m.revocationRequestReceived({ ...data, dueAt: startOf(lastDay).toISOString() }));
};

/** A stream for each request, so that none is lost, nobody's keeps out another's, and no certificate's fills. */
export const receivedDecider: Decider<ReceivedRequest, m.ReceivedCommand, m.ReceivedEvent> = {
  stream: ({ data }) => m.receivedStream(data.requestId),
  initial: { request: null, matched: [], setAside: false },
  events: m.receivedEvents,
  decide(command, state, moment) {
    if (command.type === 'certificates.ReceiveRevocationRequest') return decideReceipt(command.data, state, moment);
    const { kind } = moment.actor;
    if (kind !== 'backOffice' && kind !== 'system')
      return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
    if (!state.request) return refuse(refusal('NOT_FOUND'));
    if (state.setAside) return refuse(refusal('REVOCATION_REQUEST_DECIDED'));
    switch (command.type) {
      case 'certificates.MatchRevocationRequest':
        return state.matched.includes(command.data.certificateId)
          ? accept()
          : accept(m.revocationRequestMatched(command.data));
      case 'certificates.SetRevocationRequestAside': {
        if (state.matched.length > 0) return refuse(refusal('REVOCATION_REQUEST_DECIDED'));
        const faults = validate('note', command.data.note, m.STATEMENT);
        return faults.length > 0 ? refuse(invalid(faults)) : accept(m.revocationRequestSetAside(command.data));
      }
      default:
        return unreachable(command);
    }
  },
  evolve(state, { type, data }) {
    switch (type) {
      case 'certificates.RevocationRequestReceived': {
        const { requestId: _, ...request } = data;
        return { ...state, request };
      }
      case 'certificates.RevocationRequestMatched':
        return { ...state, matched: [...state.matched, data.certificateId] };
      case 'certificates.RevocationRequestSetAside':
        return { ...state, setAside: true };
      default:
        return unreachable(type);
    }
  },
};
