/** For each state, what may happen in it and where that leads. */
export type Transitions<State extends string, Happening extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Happening, State>>>>
>;

/**
 * Looks the step up in the machine's table. A step that the table does not know is a defect of the node, never of a
 * client: requests are checked before they get this far.
 */
export function step<State extends string, Happening extends string>(
  table: Transitions<State, Happening>,
  from: State,
  happening: Happening,
): State {
  const to = table[from][happening];
  if (to === undefined) throw new Error(`"${happening}" cannot happen in state "${from}"`);
  return to;
}
