import { type AnyDefinition, assertWellFormed, type Upcaster } from '../../kernel/message.js';
import type { NewEvent } from './recorded.js';

/** Knows every event of the product; the check on both sides of the store. */
export type Codec = Readonly<{
  assertKnown: (event: NewEvent) => void;
  /** The data as the newest schema has it, or what is wrong with the event; such a one must not be trusted. */
  read: (type: string, schema: number, data: unknown) => Readonly<{ data: unknown; fault: string | null }>;
}>;

/** From the schema that was recorded to the newest, one step after the other. */
export const lifted = (
  upcasters: readonly Upcaster[],
  { type, version }: Pick<AnyDefinition, 'type' | 'version'>,
  schema: number,
  recorded: unknown,
): unknown => {
  let data = recorded;
  for (let from = schema; from < version; from += 1) {
    const step = upcasters.find((one) => one.type === type && one.from === from);
    if (!step) throw new Error(`${type}@${from} has no upcaster to ${from + 1}`);
    data = step.lift(data as Readonly<Record<string, unknown>>);
  }
  return data;
};

export const codecOf = (definitions: readonly AnyDefinition[], upcasters: readonly Upcaster[] = []): Codec => {
  const byType = new Map(definitions.map((definition) => [definition.type, definition]));
  if (byType.size !== definitions.length) throw new Error('two events share one wire type');
  const definitionOf = (type: string): AnyDefinition => {
    const definition = byType.get(type);
    if (!definition) throw new Error(`${type} is not registered`);
    return definition;
  };
  return {
    assertKnown: ({ type, data }) => assertWellFormed(definitionOf(type), data),
    read(type, schema, recorded) {
      try {
        const definition = definitionOf(type);
        const data = lifted(upcasters, definition, schema, recorded);
        assertWellFormed(definition, data);
        return { data, fault: null };
      } catch (error) {
        return { data: recorded, fault: (error as Error).message };
      }
    },
  };
};
