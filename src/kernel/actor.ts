/**
 * Who acts. The name is kept as it was then: users are deleted, history is not. Auditors are a kind of their own, so that
 * no decider takes one for the back office.
 */
export type ActorKind = 'user' | 'backOffice' | 'auditor' | 'program' | 'system' | 'anonymous';

export type Actor = Readonly<{ kind: ActorKind; id: string; name: string }>;

export const SYSTEM: Actor = { kind: 'system', id: 'system', name: 'system' };
export const ANONYMOUS: Actor = { kind: 'anonymous', id: 'anonymous', name: 'anonymous' };
