import { status } from '../grpc/status.js';
import { MAX_UNFINISHED_APPENDS } from '../limits.js';
import { invalid, Refusal, refusalOf } from '../protocol/refusals.js';
import { millisecondsOf, streamNameOf, type BatchAppendRequest, type WireUuid } from '../protocol/requests.js';
import { uuidBytes } from '../protocol/uuid.js';
import { Budget } from './budget.js';
import { UnfinishedAppend } from './unfinished-append.js';

type BatchOptions = NonNullable<BatchAppendRequest['options']>;

/** An append that comes whole in one message is never unfinished: nobody's hoard can keep it out. */
const WHOLE_MESSAGES = new Budget(Infinity);

/** The appends of one BatchAppend call that have begun and are not yet complete. */
export class UnfinishedAppends {
  private readonly byCorrelation = new Map<string, UnfinishedAppend>();
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** Takes in one message; gives back the append that it completes, or says why that append is refused. */
  take(request: BatchAppendRequest, refuse: (refusal: Refusal, stream: string) => void): UnfinishedAppend | undefined {
    const key = correlationKey(request.correlationId);
    let append = this.byCorrelation.get(key);
    try {
      if (request.options !== null) append = this.begin(key, request.options, request.isFinal);
      // Later parts of an append that has been refused already: it has had its one answer.
      if (append === undefined) return undefined;
      for (const proposed of request.proposedMessages) append.add(proposed);
      if (!request.isFinal) return undefined;
      append.finish();
      this.byCorrelation.delete(key);
      return append;
    } catch (error) {
      this.drop(key);
      refuse(refusalOf(error), append?.stream ?? streamNameOf(request.options?.streamIdentifier));
      return undefined;
    }
  }

  dropAll(): void {
    for (const key of this.byCorrelation.keys()) this.drop(key);
  }

  private begin(key: string, options: BatchOptions, isWhole: boolean): UnfinishedAppend {
    if (key === '') throw invalid('an append needs a correlation id');
    if (this.byCorrelation.has(key)) throw invalid('this correlation id is in use');
    if (this.byCorrelation.size >= MAX_UNFINISHED_APPENDS) {
      throw invalid(`${MAX_UNFINISHED_APPENDS} appends may be unfinished`);
    }
    if (timeLeftMs(options) <= 0) {
      throw new Refusal(status.DEADLINE_EXCEEDED, 'the deadline had passed before the append arrived');
    }
    const append = new UnfinishedAppend(options, isWhole ? WHOLE_MESSAGES : this.budget);
    this.byCorrelation.set(key, append);
    return append;
  }

  private drop(key: string): void {
    this.byCorrelation.get(key)?.release();
    this.byCorrelation.delete(key);
  }
}

const timeLeftMs = ({ deadlineIn, deadlineAt }: BatchOptions): number => {
  if (deadlineIn !== null) return millisecondsOf(deadlineIn);
  return deadlineAt === null ? Infinity : millisecondsOf(deadlineAt) - Date.now();
};

const correlationKey = (id: WireUuid | null): string => uuidBytes(id)?.toString('hex') ?? '';
