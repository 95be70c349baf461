import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { MAX_UNREAD_ANSWERS } from '../limits.js';
import type { EventLog } from '../log/event-log.js';
import { refusalOf, type Refusal } from '../protocol/refusals.js';
import type { BatchAppendRequest } from '../protocol/requests.js';
import { batchConflict, batchRefusal, batchSuccess } from './batch-replies.js';
import type { Budget } from './budget.js';
import { UnfinishedAppends } from './unfinished-appends.js';

type Call = ServerDuplexStream<BatchAppendRequest, object>;

/** Streams/BatchAppend: many appends over one call, told apart by correlation id, each answered once. */
export const batchAppend =
  (log: EventLog, budget: Budget) =>
  (call: Call): void => {
    const unfinished = new UnfinishedAppends(budget);
    let atWork = 0;
    let ended = false;
    let closed = false;
    const endWhenDone = (): void => {
      if (ended && atWork === 0) call.end();
    };
    const reply = (answer: object): void => {
      call.write(answer);
      // Who does not read the answers must not be able to fill the memory with them.
      if (call.writableLength > MAX_UNREAD_ANSWERS) call.pause();
    };
    const refuse = (request: BatchAppendRequest, stream: string, refusal: Refusal): void => {
      if (endsTheCall(refusal)) call.emit('error', refusal);
      else reply(batchRefusal(request, stream, refusal));
    };
    call.on('drain', () => call.resume());
    for (const end of ['error', 'cancelled', 'close']) {
      call.on(end, () => {
        closed = true;
        unfinished.dropAll();
      });
    }
    call.on('end', () => {
      ended = true;
      endWhenDone();
    });
    call.on('data', (request: BatchAppendRequest) => {
      // What had arrived before the caller left comes after it: begun now, it would be held for ever.
      if (closed) return;
      const append = unfinished.take(request, (refusal, stream) => refuse(request, stream, refusal));
      if (append === undefined) return;
      atWork += 1;
      const { options, stream, expected, events } = append;
      log
        .append(stream, expected, events)
        .then(
          (outcome) =>
            reply(
              outcome.kind === 'conflict'
                ? batchConflict(request, stream, options, outcome.actualRevision)
                : batchSuccess(request, stream, outcome.lastRevision, outcome.position),
            ),
          (error: unknown) => refuse(request, stream, refusalOf(error)),
        )
        .finally(() => {
          atWork -= 1;
          endWhenDone();
        });
    });
  };

/** When the node cannot store anything any more, that is said of the call, with a status that clients can act on. */
const endsTheCall = ({ code }: Refusal): boolean => code === status.DATA_LOSS || code === status.UNAVAILABLE;
