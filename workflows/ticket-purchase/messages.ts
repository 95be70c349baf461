export type PurchaseStarted = Readonly<{ purchaseId: string; expiresAt: string }>;
export type LinkSent = Readonly<{ expiresAt: string }>;
export type OrderPlaced = Readonly<{ fulfilmentDueAt: string }>;

/** `deadline` is the one that a timer served. */
export type Due = Readonly<{ purchaseId: string; deadline: string }>;

export type PurchaseEnd = 'expired' | 'fulfilled';
