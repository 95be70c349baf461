import { closed, type Described, faultsOf, personalFieldsOf, type Schema, type Shape } from './schema.js';

export type Message<Type extends string = string, Data = unknown> = Readonly<{ type: Type; data: Readonly<Data> }>;

/** One schema per message: it gives the TypeScript type, the check at the codec and the personal fields. */
export type MessageDefinition<Type extends string = string, Data = never> = ((data: Data) => Message<Type, Data>) &
  Readonly<{ type: Type; version: number; schema: Schema<Data>; personalFields: readonly string[] }>;

/** What code that only routes or checks needs to know of a definition. */
export type AnyDefinition = Readonly<{
  type: string;
  version: number;
  schema: Schema<unknown>;
  personalFields: readonly string[];
}>;

export type MessageOf<D> = D extends MessageDefinition<infer Type, infer Data> ? Message<Type, Data> : never;

export const message = <const Type extends string, const S extends Shape>(
  type: Type,
  shape: S,
  version = 1,
): MessageDefinition<Type, Described<S>> =>
  Object.assign((data: Described<S>) => ({ type, data }), {
    type,
    version,
    schema: closed(shape),
    personalFields: personalFieldsOf(shape),
  });

/** Lifts what was recorded of one type from a schema to the next; whoever reads knows only the newest. */
export type Upcaster = Readonly<{
  type: string;
  from: number;
  lift: (data: Readonly<Record<string, unknown>>) => unknown;
}>;

export const upcaster = ({ type }: AnyDefinition, from: number, lift: Upcaster['lift']): Upcaster => ({
  type,
  from,
  lift,
});

/** Throws: a message that breaks its own schema is a fault of ours, never a refusal. */
export const assertWellFormed = ({ type, schema }: AnyDefinition, data: unknown): void => {
  const faults = faultsOf(schema, data);
  if (faults.length > 0) throw new Error(`${type} breaks its schema: ${faults.join('; ')}`);
};
