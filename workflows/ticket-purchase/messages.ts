export type PurchaseStarted = Readonly<{ purchaseId: string; expiresAt: string }>;
export type LinkSent = Readonly<{ expiresAt: string }>;
export type OrderPlaced = Readonly<{ fulfilmentDueAt: string }>;

/** `deadline` is the one that a timer served. */
export type Due = Readonly<{ purchaseId: string; deadline: string }>;

/** What the stream says after a deadline; news that got lost is made good by it. */
export type Found =
  | Readonly<{ state: 'expired' | 'over' }>
  /** The clocks of two machines differ, or a later deadline counts by now. */
  | Readonly<{ state: 'notYet' }>
  | Readonly<{ state: 'ordered'; fulfilmentDueAt: string }>;

export type PurchaseEnd = 'expired' | 'fulfilled' | 'overdue';
