import { accept, type Decider, refuse, unreachable } from '../../kernel/decider.js';
import { validate } from '../../kernel/policies.js';
import { invalid, refusal } from '../../kernel/refusal.js';
import {
  COMPANY_CODE,
  DIRECTORY_STREAM,
  type DirectoryCommand,
  type DirectoryEvent,
  directoryEvents,
  ownerCompanyRegistered,
  partnerCompanyRegistered,
  PARTNER_NAME,
  TITLE,
  VENDOR_CODE,
} from './messages.js';

export type PartnerCompany = Readonly<{ companyCode: string; name: string; groupId: string }>;

/** Few companies, seldom a new one: one stream keeps codes and group ids unique over the service. */
export type Directory = Readonly<{
  owners: ReadonlyMap<string, string>;
  /** By vendor code. */
  partners: ReadonlyMap<string, PartnerCompany>;
}>;

const TWO_DIGITS = 100;
const LETTERS = 26;

/** 1 → grp01 … 99 → grp99, 100 → grpA00: an office adds two digits, and no two ids can ever be the same. */
export const groupIdOf = (number: number): string => {
  let letters = '';
  for (let rest = Math.floor(number / TWO_DIGITS); rest > 0; rest = Math.floor((rest - 1) / LETTERS))
    letters = String.fromCharCode(65 + ((rest - 1) % LETTERS)) + letters;
  return `grp${letters}${String(number % TWO_DIGITS).padStart(2, '0')}`;
};

export const directoryDecider: Decider<Directory, DirectoryCommand, DirectoryEvent> = {
  stream: () => DIRECTORY_STREAM,
  initial: { owners: new Map(), partners: new Map() },
  events: directoryEvents,
  decide({ type, data }, { owners, partners }, { actor }) {
    if (actor.kind !== 'backOffice') return refuse(refusal('NOT_PERMITTED', { permission: 'back office' }));
    const { companyCode, name } = data;
    switch (type) {
      case 'partners.RegisterOwnerCompany': {
        const faults = [
          ...validate('companyCode', companyCode, { kind: 'id', policy: COMPANY_CODE }),
          ...validate('name', name, TITLE),
        ];
        if (faults.length > 0) return refuse(invalid(faults));
        if (owners.has(companyCode)) return refuse(refusal('OWNER_COMPANY_EXISTS', { companyCode }));
        return accept(ownerCompanyRegistered(data));
      }
      case 'partners.RegisterPartnerCompany': {
        const { vendorCode } = data;
        const faults = [
          ...validate('vendorCode', vendorCode, { kind: 'id', policy: VENDOR_CODE }),
          ...validate('name', name, PARTNER_NAME),
        ];
        if (faults.length > 0) return refuse(invalid(faults));
        if (!owners.has(companyCode)) return refuse(refusal('NOT_FOUND'));
        if (partners.has(vendorCode)) return refuse(refusal('PARTNER_COMPANY_EXISTS', { vendorCode }));
        return accept(partnerCompanyRegistered({ ...data, groupId: groupIdOf(partners.size + 1) }));
      }
      default:
        return unreachable(type);
    }
  },
  evolve({ owners, partners }, { type, data }) {
    switch (type) {
      case 'partners.OwnerCompanyRegistered':
        return { owners: new Map(owners).set(data.companyCode, data.name), partners };
      case 'partners.PartnerCompanyRegistered': {
        const { vendorCode, companyCode, name, groupId } = data;
        return { owners, partners: new Map(partners).set(vendorCode, { companyCode, name, groupId }) };
      }
      default:
        return unreachable(type);
    }
  },
};
