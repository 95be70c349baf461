import { Trimmed, Written } from '../../platform/http/follows.js';
import { shape, text } from '../../platform/http/documented.js';
import type { Entered } from './details.decider.js';

/** The form of EC-37. Everything may be missing here: the decider names all that is wrong at once. */
export class DetailsDto {
  @Trimmed() @Written() companyName?: string;
  @Trimmed() @Written() companyNameKana?: string;
  @Trimmed() @Written() familyName?: string;
  @Trimmed() @Written() givenName?: string;
  @Trimmed() @Written() familyNameKana?: string;
  @Trimmed() @Written() givenNameKana?: string;
  @Written() holderUserId?: string;
  @Trimmed() @Written() holderMail?: string;
  @Trimmed() @Written() displayName?: string;
  @Trimmed() @Written() contactPhone?: string;
}

export const FIELDS = [
  'companyName',
  'companyNameKana',
  'familyName',
  'givenName',
  'familyNameKana',
  'givenNameKana',
  'holderUserId',
  'holderMail',
  'displayName',
  'contactPhone',
] as const satisfies readonly (keyof Entered)[];

export const enteredOf = (dto: Partial<Entered>): Entered =>
  Object.fromEntries(FIELDS.map((field) => [field, dto[field] ?? ''])) as Entered;

export const DETAILS = shape(Object.fromEntries(FIELDS.map((field) => [field, text])));
