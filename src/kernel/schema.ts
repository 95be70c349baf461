import { z } from 'zod';

/**
 * The one door of the schema library into the kernel: everything that describes a message goes
 * through these words, so that another library stays one file away.
 */
export type Schema<T> = z.ZodType<T>;
export type Shape = z.ZodRawShape;
export type Described<S extends Shape> = z.infer<z.ZodObject<S>>;

export const text = () => z.string();
export const count = () => z.int().nonnegative();
export const whole = (min: number, max: number) => z.int().min(min).max(max);
export const flag = () => z.boolean();
/** A moment in UTC, as `Date.prototype.toISOString` writes it. */
export const instant = () => z.iso.datetime();
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values);
export const listOf = <T extends z.ZodType>(item: T) => z.array(item);
/** Names that only their author knows, each with a text. */
export const textsByName = () => z.record(z.string(), z.string());
export const record = <S extends Shape>(shape: S) => z.strictObject(shape);
export const orNull = <T extends z.ZodType>(schema: T) => schema.nullable();

/** Marks what tells of a living person, so that it can be masked and encrypted per data subject. */
export const personal = <T extends z.ZodType>(schema: T): T => schema.meta({ personal: true });

/** Unknown fields are refused: what nobody described must not reach the store by accident. */
export const closed = <S extends Shape>(shape: S): Schema<Described<S>> => z.strictObject(shape);

export const personalFieldsOf = (shape: Shape): string[] =>
  Object.entries(shape)
    .filter(([, schema]) => (schema as z.ZodType).meta()?.['personal'] === true)
    .map(([field]) => field);

export const faultsOf = (schema: Schema<unknown>, value: unknown): string[] => {
  const checked = schema.safeParse(value);
  if (checked.success) return [];
  // The value itself stays out of the text: it may be the secret that made the check fail.
  return checked.error.issues.map(({ path, message }) => `${path.join('.') || '(whole)'}: ${message}`);
};

type JsonSchema = Readonly<{
  type?: string;
  format?: string;
  minimum?: number;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  items?: JsonSchema;
  properties?: Readonly<Record<string, JsonSchema>>;
  propertyNames?: JsonSchema;
}>;

/** The schema as plain data, to be kept and compared. */
export const shapeOf = (schema: Schema<unknown>): unknown => z.toJSONSchema(schema);

const exampleIn = (shape: JsonSchema, name: string): unknown => {
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  if (shape.anyOf) return exampleIn(shape.anyOf[0]!, name);
  if (shape.format === 'date-time') return '2026-07-01T01:00:00.000Z';
  if (shape.type === 'string') return name;
  if (shape.type === 'integer' || shape.type === 'number') return Math.max(1, shape.minimum ?? 1);
  if (shape.type === 'boolean') return true;
  if (shape.type === 'array') return [exampleIn(shape.items ?? {}, name)];
  if (shape.type !== 'object') return null;
  if (!shape.properties) return { [name]: name };
  const fields = Object.entries(shape.properties);
  return Object.fromEntries(fields.map(([field, value]) => [field, exampleIn(value, field)]));
};

/** Some value of the schema; texts are the names of their fields. */
export const exampleOf = (schema: Schema<unknown>): unknown =>
  exampleIn(z.toJSONSchema(schema) as JsonSchema, 'example');
