/** One certificate, and the moment from which it is usable. */
export type Activation = Readonly<{ certificateId: string; tenant: string; activeFrom: string }>;
