import protobuf from 'protobufjs/light.js';

/** A field: its number and type, as `'3 bytes'`, `'5 repeated string'` or `'7 map string string'`. */
export type FieldTable = Readonly<Record<string, string>>;

/** One message: its fields, and under `oneofs` which of them exclude each other. */
export interface MessageTable {
  readonly fields: FieldTable;
  readonly oneofs?: Readonly<Record<string, readonly string[]>>;
}

/** Makes encoders and decoders from a table of messages; a type that is not a scalar is the full name of a message. */
export const compile = (tables: Readonly<Record<string, MessageTable>>): ((name: string) => protobuf.Type) => {
  const root = new protobuf.Root();
  for (const [fullName, table] of Object.entries(tables)) {
    const type = new protobuf.Type(fullName.slice(fullName.lastIndexOf('.') + 1));
    for (const [field, declaration] of Object.entries(table.fields)) type.add(fieldOf(field, declaration));
    for (const [oneof, members] of Object.entries(table.oneofs ?? {}))
      type.add(new protobuf.OneOf(oneof, [...members]));
    root.define(fullName.slice(0, fullName.lastIndexOf('.'))).add(type);
  }
  root.resolveAll();
  return (name) => root.lookupType(name);
};

/** How often a field stands in an encoded message, told without decoding it; counting ends beyond `limit`. */
export const occurrences = (message: Uint8Array, fieldNumber: number, limit: number): number => {
  const reader = protobuf.Reader.create(message);
  let count = 0;
  while (reader.pos < reader.len && count <= limit) {
    const tag = reader.uint32();
    if (tag >>> 3 === fieldNumber) count += 1;
    reader.skipType(tag & 7);
  }
  return count;
};

const fieldOf = (name: string, declaration: string): protobuf.Field | protobuf.MapField => {
  const [number, ...words] = declaration.split(' ');
  const [first = '', second = '', third = ''] = words;
  if (first === 'map') return new protobuf.MapField(name, Number(number), second, third);
  return first === 'repeated'
    ? new protobuf.Field(name, Number(number), second, 'repeated')
    : new protobuf.Field(name, Number(number), first);
};
