import type { Call } from '../grpc/call.js';
import type { EventLog } from '../log/event-log.js';
import { decoderOf, framerOf } from '../protocol/codec.js';
import { invalid, refusalOf } from '../protocol/refusals.js';
import type { AppendRequest } from '../protocol/requests.js';
import type { Budget } from './budget.js';
import { UnfinishedAppend } from './unfinished-append.js';
import { wrongRevision } from './wrong-revision.js';

const decode = decoderOf<AppendRequest>('event_store.client.streams.AppendReq');
const frame = framerOf('event_store.client.streams.AppendResp');

/** Streams/Append: one append a call; its options first, then its events. */
export const append =
  (log: EventLog, budget: Budget) =>
  (call: Call): void => {
    let unfinished: UnfinishedAppend | undefined;
    const refuse = (error: unknown): void => call.fail(refusalOf(error));
    call.listen({
      message: (bytes) => {
        try {
          const request = decode(bytes);
          if (request.options !== null) unfinished ??= new UnfinishedAppend(request.options, budget);
          else if (unfinished === undefined) throw invalid('an append begins with its options');
          else if (request.proposedMessage !== null) unfinished.add(request.proposedMessage);
        } catch (error) {
          refuse(error);
        }
      },
      halfClosed: () => {
        finish(log, unfinished).then((response) => {
          call.send(frame(response));
          call.end();
        }, refuse);
      },
      gone: () => {
        // A caller may keep a refused call open for long: nothing of it may stay in memory meanwhile.
        unfinished?.release();
        unfinished = undefined;
      },
    });
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
