import { type AnyDefinition, assertWellFormed, type Upcaster } from '../../kernel/message.js';
import { exampleOf, shapeOf } from '../../kernel/schema.js';
import { lifted } from './codec.js';
import type { Metadata } from './recorded.js';

/**
 * An event as a store holds it, kept for ever beside the tests: whatever the program becomes, it must go on reading this.
 * The shape is kept along, so that a change of it is noticed even where the old event would still pass.
 */
export type Golden = Readonly<{
  type: string;
  schema: number;
  shape: unknown;
  personalFields: readonly string[];
  data: unknown;
  metadata: Metadata;
}>;

const METADATA: Omit<Metadata, 'schema'> = {
  $correlationId: '0b6f5f0e-3d0a-4b53-9a52-0d5a1c0e7f01',
  $causationId: '5d2c9f6e-7a31-5c58-8f0e-9b7f6f3d2a10',
  occurredAt: '2026-07-01T01:00:00.000Z',
  tenant: 'C00123',
  service: 'client-portal',
  actor: { kind: 'user', id: '7f1d8c1a-55f0-5d0b-9d4f-2f2b0c3f4e55', loginId: 'kanri01', name: '見本 太郎' },
  onBehalfOf: null,
  operation: 'client-portal.CreatePortalUser',
  clientAddress: '192.0.2.1',
  fingerprint: null,
  refused: null,
};

export const goldenPath = ({ type, version }: Pick<AnyDefinition, 'type' | 'version'>): string =>
  `test/golden/events/${type}@${version}.json`;

export const goldenOf = (definition: AnyDefinition): Golden => {
  const { type, version, schema, personalFields } = definition;
  const data = exampleOf(schema);
  assertWellFormed(definition, data);
  return {
    type,
    schema: version,
    shape: shapeOf(schema),
    personalFields,
    data,
    metadata: { ...METADATA, schema: version },
  };
};

/** What a program must not do to an event that lies in a store; null where all is well. */
export const goldenFault = (
  golden: Golden,
  definition: AnyDefinition | undefined,
  upcasters: readonly Upcaster[] = [],
): string | null => {
  const { type, schema, shape, personalFields, data } = golden;
  if (!definition) return `${type} is in stores and nobody knows it any more`;
  if (definition.version < schema) return `${type}@${schema} is in stores and newer than what is known of it`;
  // Of an older one only the way to the newest counts.
  const isNewest = definition.version === schema;
  if (isNewest && JSON.stringify(shapeOf(definition.schema)) !== JSON.stringify(shape))
    return `${type} has changed its shape; raise its schema`;
  if (isNewest && definition.personalFields.join() !== personalFields.join())
    return `${type} has changed what is personal in it; raise its schema`;
  try {
    assertWellFormed(definition, lifted(upcasters, definition, schema, data));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
