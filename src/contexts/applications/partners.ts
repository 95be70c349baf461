import { Inject, Injectable } from '@nestjs/common';
import { Decisions } from '../../platform/commands/decisions.js';
import { companyExists, partnerUserByUserId } from '../partners/lookups.js';
import type { HolderUser } from './messages.js';

/** What an application asks of the partners' companies and users. */
@Injectable()
export class Partners {
  constructor(@Inject(Decisions) private readonly decisions: Decisions) {}

  companyExists(companyCode: string): Promise<boolean> {
    return companyExists(this.decisions, companyCode);
  }

  async holderUser(userId: string): Promise<HolderUser | null> {
    const user = await partnerUserByUserId(this.decisions, userId);
    if (!user) return null;
    const { accountId, vendorCode, companyCode, tenant, roles, mails } = user;
    const addresses = [mails.mail, mails.secondaryMail].filter((mail) => mail !== null);
    return { accountId, userId, vendorCode, companyCode, tenant, roles: [...roles], mails: addresses };
  }
}
