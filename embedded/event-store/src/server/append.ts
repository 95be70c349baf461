import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import type { EventLog } from '../log/event-log.js';
import { invalid, refusalOf } from '../protocol/refusals.js';
import type { AppendRequest } from '../protocol/requests.js';
import type { Budget } from './budget.js';
import { UnfinishedAppend } from './unfinished-append.js';
import { wrongRevision } from './wrong-revision.js';

/** Streams/Append: one append a call; its options first, then its events. */
export const append =
  (log: EventLog, budget: Budget) =>
  (call: ServerReadableStream<AppendRequest, object>, answer: sendUnaryData<object>): void => {
    let unfinished: UnfinishedAppend | undefined;
    let answered = false;
    /** A caller may keep a refused call open for long: nothing of it may stay in memory meanwhile. */
    const forget = (): void => {
      unfinished?.release();
      unfinished = undefined;
    };
    const refuse = (error: unknown): void => {
      if (answered) return;
      answered = true;
      forget();
      answer(refusalOf(error));
    };
    call.on('error', () => (answered = true));
    for (const end of ['error', 'cancelled', 'close']) call.on(end, forget);
    call.on('data', (request: AppendRequest) => {
      if (answered) return;
      try {
        if (request.options !== null) unfinished ??= new UnfinishedAppend(request.options, budget);
        else if (unfinished === undefined) throw invalid('an append begins with its options');
        else if (request.proposedMessage !== null) unfinished.add(request.proposedMessage);
      } catch (error) {
        refuse(error);
      }
    });
    const complete = (whole: UnfinishedAppend | undefined): void => {
      if (answered || call.cancelled) return;
      finish(log, whole).then((response) => answered || answer(null, response), refuse);
    };
    call.on('end', () => {
      const whole = unfinished;
      afterTurns(TURNS_UNTIL_CANCELLED, () => complete(whole));
    });
  };

/**
 * A call that is cut off ends like a complete one and is known to be cancelled only some turns of the event loop later.
 * Half of an append must not be recorded, so its end is believed only then.
 */
const TURNS_UNTIL_CANCELLED = 4;

const afterTurns = (turns: number, then: () => void): void => {
  setImmediate(() => (turns > 1 ? afterTurns(turns - 1, then) : then()));
};

const finish = async (log: EventLog, unfinished: UnfinishedAppend | undefined): Promise<object> => {
  if (unfinished === undefined) throw invalid('an append needs options');
  unfinished.finish();
  const { stream, expected, events } = unfinished;
  const outcome = await log.append(stream, expected, events);
  if (outcome.kind === 'conflict') {
    const names = { current: 'currentRevision', expected: 'expectedRevision' };
    return { wrongExpectedVersion: wrongRevision(unfinished.options, outcome.actualRevision, names) };
  }
  const position = { commitPosition: outcome.position, preparePosition: outcome.position };
  return { success: { ...currentRevision(outcome.lastRevision), position } };
};

const currentRevision = (revision: number): object => (revision < 0 ? { noStream: {} } : { currentRevision: revision });
