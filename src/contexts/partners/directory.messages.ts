import { message, type MessageOf } from '../../kernel/message.js';
import { text } from '../../kernel/schema.js';

/** Who takes part: the companies that order, and the partner companies that they deal with. */
const owner = { companyCode: text(), name: text() };
const partner = { companyCode: text(), vendorCode: text(), name: text() };

export const ownerCompanyRegistered = message('partners.OwnerCompanyRegistered', owner);
export const partnerCompanyRegistered = message('partners.PartnerCompanyRegistered', { ...partner, groupId: text() });

export const directoryEvents = [ownerCompanyRegistered, partnerCompanyRegistered] as const;
export type DirectoryEvent = MessageOf<(typeof directoryEvents)[number]>;

export const registerOwnerCompany = message('partners.RegisterOwnerCompany', owner);
export const registerPartnerCompany = message('partners.RegisterPartnerCompany', partner);

export const directoryCommands = [registerOwnerCompany, registerPartnerCompany] as const;
export type DirectoryCommand = MessageOf<(typeof directoryCommands)[number]>;
