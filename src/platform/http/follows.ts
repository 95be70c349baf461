import { applyDecorators, type PipeTransform, ValidationPipe, type ValidationError } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type as Typed } from 'class-transformer';
import { registerDecorator, ValidateNested } from 'class-validator';
import { type Policy, validate } from '../../kernel/policies.js';
import { type FieldError, invalid } from '../../kernel/refusal.js';
import type { RuleName } from '../../kernel/rules.js';
import { hasControlCharacter, lengthOf, withoutLayout } from '../../kernel/text.js';
import { Refused } from './refused.js';
import { gatherRulesOnce } from './rules-once.js';

/** How a constraint of ours tells class-validator, which knows only texts, all that is wrong with a value. */
const FAULTS = 'shomeiFaults';
type Fault = Omit<FieldError, 'field'>;

const decorate = (faultsOf: (value: unknown, whole: object) => readonly Fault[]): PropertyDecorator => {
  return (target, property) =>
    registerDecorator({
      name: FAULTS,
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate: (value, argumentsOf) => faultsOf(value, argumentsOf!.object).length === 0,
        defaultMessage: (argumentsOf) => JSON.stringify(faultsOf(argumentsOf!.value, argumentsOf!.object)),
      },
    });
};

const absent = (value: unknown): boolean => value === undefined || value === null || value === '';

const textFaults = (value: unknown, check: (text: string) => readonly Fault[]): readonly Fault[] => {
  if (absent(value)) return [{ rule: 'required' }];
  return typeof value === 'string' ? check(value) : [{ rule: 'type' }];
};

/** The value follows a policy: every broken rule of it is reported. */
export const Follows = (policy: Policy): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, minLength: policy.policy.min, maxLength: policy.policy.max }),
    decorate((value) => textFaults(value, (text) => validate('', text, policy).map(({ field: _, ...fault }) => fault))),
  );

const lengthFault = (value: string, max: number): readonly Fault[] =>
  lengthOf(value) > max ? [{ rule: 'maxLength', params: { max } }] : [];

const CONTROL = [{ rule: 'noControlCharacter' }] as const satisfies readonly Fault[];

/** Characters that nobody sees mislead who reads, and what cannot be stored would be missing from the rows later. */
const lineFaults = (value: string, max: number): readonly Fault[] => [
  ...lengthFault(value, max),
  ...(hasControlCharacter(value) ? CONTROL : []),
];

/** The same of sentences, which may have lines. */
const sentenceFaults = (value: string, max: number): readonly Fault[] => [
  ...lengthFault(value, max),
  ...(hasControlCharacter(withoutLayout(value)) ? CONTROL : []),
];

/** There, a text, and not longer than anything honest could be; whether it is right is for others to say. */
export const Given = (max = 256): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, minLength: 1, maxLength: max }),
    decorate((value) => textFaults(value, (text) => lineFaults(text, max))),
  );

const choiceFault = (value: string, values: readonly string[]): readonly Fault[] =>
  values.includes(value) ? [] : [{ rule: 'oneOf', params: { values: values.join(', ') } }];

/** One of these words. */
export const OneOf = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, enum: values }),
    decorate((value) => textFaults(value, (text) => choiceFault(text, values))),
  );

export const OptionalOneOf = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, enum: values, nullable: true }),
    decorate((value) => (absent(value) ? [] : textFaults(value, (text) => choiceFault(text, values)))),
  );

/** The second entry of a value that people type twice. */
export const Repeats = (other: string): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, description: `The same as ${other}` }),
    decorate((value, whole) =>
      textFaults(value, (text) =>
        text === (whole as Record<string, unknown>)[other] ? [] : [{ rule: 'repeatDiffers' }],
      ),
    ),
  );

/** For a new secret: the old one under another field is no new one. */
export const DiffersFrom = (other: string): PropertyDecorator =>
  decorate((value, whole) =>
    !absent(value) && value === (whole as Record<string, unknown>)[other] ? [{ rule: 'differsFromCurrent' }] : [],
  );

/** A list of at least one of the values; others are refused, repetitions are not. */
export const Choices = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, isArray: true, enum: values, minItems: 1 }),
    decorate((value) => choiceFaults(value, values)),
  );

/** The same, where leaving it out means something of its own. */
export const OptionalChoices = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, isArray: true, enum: values, minItems: 1 }),
    decorate((value) => (value === undefined || value === null ? [] : choiceFaults(value, values))),
  );

const choiceFaults = (value: unknown, values: readonly string[]): readonly Fault[] => {
  const params = { values: values.join(', ') };
  if (value === undefined || value === null) return [{ rule: 'atLeastOne', params }];
  if (!Array.isArray(value)) return [{ rule: 'type' }];
  if (value.length === 0) return [{ rule: 'atLeastOne', params }];
  return value.every((item) => values.includes(item as string)) ? [] : [{ rule: 'oneOf', params }];
};

/** A list of records, each checked by its own class and reported as `field.index.property`. */
export const Each = (item: () => new () => object, min: number, max: number): PropertyDecorator =>
  applyDecorators(
    // Swagger knows a function that names the class later by its own name, which must be `type`.
    ApiProperty({ type: () => item(), isArray: true, minItems: min, maxItems: max }),
    Typed(item),
    ValidateNested({ each: true }),
    decorate((value) => {
      if (value === undefined || value === null) return [{ rule: 'required' }];
      if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'object')) return [{ rule: 'type' }];
      return value.length < min || value.length > max ? [{ rule: 'count', params: { min, max } }] : [];
    }),
  );

/** Surrounding spaces of names, mails and codes are trimmed; of passwords and IDs never. */
export const Trimmed = (): PropertyDecorator =>
  applyDecorators(Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)));

/** One or more of a closed list. */
export const SomeOf = (values: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, isArray: true, enum: [...values], minItems: 1 }),
    decorate((value) => {
      if (!Array.isArray(value) || value.length === 0)
        return [{ rule: absent(value) || Array.isArray(value) ? 'required' : 'type' }];
      const known = value.every((item) => typeof item === 'string' && values.includes(item));
      return known ? [] : [{ rule: 'oneOf', params: { values: values.join(', ') } }];
    }),
  );

/** A whole number within bounds; both count. */
export const WholeWithin = ({ min, max }: Readonly<{ min: number; max: number }>): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: 'integer', minimum: min, maximum: max }),
    decorate((value) => {
      if (absent(value)) return [{ rule: 'required' }];
      if (typeof value !== 'number') return [{ rule: 'type' }];
      const within = Number.isInteger(value) && value >= min && value <= max;
      return within ? [] : [{ rule: 'format', params: { format: `${min}-${max}` } }];
    }),
  );

export const OptionalText = (max = 256): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: max }),
    decorate((value) =>
      value === undefined || value === null ? [] : textFaults(value, (text) => sentenceFaults(text, max)),
    ),
  );

/** Left out, null and empty mean the same: there is none. */
export const OptionallyFollows = (policy: Policy): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, nullable: true, maxLength: policy.policy.max }),
    decorate((value) => {
      if (absent(value)) return [];
      return textFaults(value, (text) => validate('', text, policy).map(({ field: _, ...fault }) => fault));
    }),
  );

/** A whole number within bounds; left out it is the class's own default. */
export const WholeNumber = (min: number, max: number): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: min, maximum: max }),
    decorate((value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? []
        : [{ rule: 'wholeNumber', params: { min, max } }],
    ),
  );

/** A text of a certain form. */
export const Formed = (pattern: RegExp, rule: RuleName, max = 64): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, maxLength: max, pattern: pattern.source }),
    decorate((value) =>
      textFaults(value, (text) => (pattern.test(text) ? lineFaults(text, max) : [{ rule } satisfies Fault])),
    ),
  );

/** Whatever was written, also nothing (left out, null or empty): a decider judges it together with all the rest. */
export const Written = (max = 1_000): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => value ?? undefined),
    ApiPropertyOptional({ type: String, maxLength: max }),
    decorate((value) => (absent(value) ? [] : textFaults(value, (text) => sentenceFaults(text, max)))),
  );

export const Ticked = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: Boolean }),
    decorate((value) => (value === undefined || typeof value === 'boolean' ? [] : [{ rule: 'type' }])),
  );

const KNOWN: Readonly<Record<string, RuleName>> = { whitelistValidation: 'unknownField' };

const errorsOf = ({ property, constraints = {}, children = [] }: ValidationError, path: string): FieldError[] => {
  const field = path + property;
  const own = Object.entries(constraints).flatMap(([name, text]): FieldError[] =>
    name === FAULTS
      ? (JSON.parse(text) as Fault[]).map((fault) => ({ field, ...fault }))
      : [{ field, rule: KNOWN[name] ?? 'type' }],
  );
  return [...own, ...children.flatMap((child) => errorsOf(child, `${field}.`))];
};

/** Shape and rules of a whole body in one answer; what nobody asked for is refused rather than ignored. */
export const validation = (): PipeTransform => {
  gatherRulesOnce();
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: false,
    exceptionFactory: (errors) => new Refused(invalid(errors.flatMap((error) => errorsOf(error, '')))),
  });
};
