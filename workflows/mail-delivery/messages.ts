/** One round of one notification: what may be tried until when. */
export type Delivery = Readonly<{ notificationId: string; round: number; deadline: string }>;

export type Tried =
  Readonly<{ outcome: 'sent'; sentAt: string; messageId: string }> | NotSent | Readonly<{ outcome: 'over' }>;
export type NotSent = Readonly<{
  outcome: 'later' | 'never';
  reason: string;
  isOutdated?: true;
  /** It was handed over, and nobody knows what became of it. */
  mayHaveArrived?: true;
}>;
