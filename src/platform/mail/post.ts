import type { Letter } from './letters.js';

export type Mail = Letter &
  Readonly<{
    /** The same for every try, so that a mail program shows a repeated mail once. */
    messageId: string;
    to: string;
  }>;

/**
 * What became of one try. `later`: it may go through another time. `never`: the other side refused this
 * mail for good. `mayHaveArrived`: it was handed over to its last byte, and what was said to that got lost.
 */
export type Posted =
  Readonly<{ outcome: 'sent' }> | Readonly<{ outcome: 'later' | 'never'; reason: string; mayHaveArrived?: true }>;

/** Where mails leave the house. */
export abstract class Post {
  abstract send(mail: Mail): Promise<Posted>;
  abstract close(): Promise<void>;
}
