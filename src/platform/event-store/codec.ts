import { type AnyDefinition, assertWellFormed } from '../../kernel/message.js';
import type { NewEvent } from './recorded.js';

/** Knows every event of the product; the check on both sides of the store. */
export type Codec = Readonly<{
  assertKnown: (event: NewEvent) => void;
  /** Null where the event may be trusted, otherwise what is wrong with it. */
  faultOf: (type: string, data: unknown) => string | null;
}>;

export const codecOf = (definitions: readonly AnyDefinition[]): Codec => {
  const byType = new Map(definitions.map((definition) => [definition.type, definition]));
  if (byType.size !== definitions.length) throw new Error('two events share one wire type');
  const definitionOf = (type: string): AnyDefinition => {
    const definition = byType.get(type);
    if (!definition) throw new Error(`${type} is not registered`);
    return definition;
  };
  return {
    assertKnown: ({ type, data }) => assertWellFormed(definitionOf(type), data),
    faultOf(type, data) {
      try {
        assertWellFormed(definitionOf(type), data);
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    },
  };
};
