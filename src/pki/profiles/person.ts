import type { DistinguishedName } from '../names.js';
import { commonNameOf } from './display-name.js';

/** The person whom a personal certificate names, as the application wrote it. */
export type Person = Readonly<{
  companyName: string;
  familyName: string;
  givenName: string;
  displayName: string;
}>;

/** The same name in the request that is kept at approval and in the certificate that is issued later. */
export const personSubject = ({ companyName, familyName, givenName, displayName }: Person): DistinguishedName => [
  ['country', 'JP'],
  ['organization', companyName],
  ['surname', familyName],
  ['givenName', givenName],
  ['commonName', commonNameOf(displayName)],
];
