import type { Authority } from '../authorities/authority.js';

type Lister = Pick<Authority, 'id' | 'lists' | 'places'>;

/**
 * The revocation list a certificate belongs to for life. By quarter of issue, because a list must stay small
 * however many certificates there will be, and the number of parts cannot be changed once it stands in certificates.
 */
export const listNameOf = ({ id, lists }: Pick<Lister, 'id' | 'lists'>, notBefore: Date): string =>
  lists === 'one' ? id : `${id}-${notBefore.getUTCFullYear()}q${Math.floor(notBefore.getUTCMonth() / 3) + 1}`;

export const listPlace = ({ places }: Pick<Lister, 'places'>, listName: string): string =>
  `${places.crlFolder}/${listName}.crl`;
