/**
 * Who acts. The name is kept as it was then: users are deleted, history is not. Auditors are a kind of their own, so that
 * no decider takes one for the back office.
 */
export type ActorKind = 'user' | 'backOffice' | 'auditor' | 'program' | 'system' | 'anonymous';

export type Actor = Readonly<{
  kind: ActorKind;
  id: string;
  /** The person's, or the program's; before `loginId` was kept beside it, what the person logged in with. */
  name: string;
  /** What the person logged in with; only people have one. */
  loginId?: string;
}>;

/** What to look an actor up by. */
export const loginIdOf = ({ loginId, name }: Actor): string => loginId ?? name;

export const SYSTEM: Actor = { kind: 'system', id: 'system', name: 'system' };
export const ANONYMOUS: Actor = { kind: 'anonymous', id: 'anonymous', name: 'anonymous' };
