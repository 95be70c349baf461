import { PfxMaker, type PfxMakerOptions } from '../../pki/pkcs12/pfx-maker.js';
import type { Clock } from '../../kernel/clock.js';
import type { PkiConfig } from '../config/config.js';
import type { Database } from '../sql/database.js';
import type { Vault } from '../vault/vault.js';
import { Authorities } from './authorities.js';
import { type ShelfTables, SqlCrlShelf } from './crl-shelf.js';
import { CertificateRegister, type RegisterTables } from './register.js';
import { RevocationLists } from './revocation-lists.js';
import { VaultSigningKeys } from './signing-keys.js';
import { StatusAnswers } from './status-answers.js';

export type PkiTables = RegisterTables & ShelfTables;

type Foundations = Readonly<{
  config: PkiConfig;
  database: Database<PkiTables>;
  vault: Vault;
  clock: Clock;
  onFault: (error: unknown) => void;
  onTryLater?: (authorityId: string) => void;
  pfxMaker?: PfxMakerOptions;
}>;

/** The certification authorities with everything they need, as one thing that a process opens and closes. */
export class Pki {
  private constructor(
    readonly authorities: Authorities,
    readonly register: CertificateRegister,
    readonly lists: RevocationLists,
    readonly answers: StatusAnswers,
    readonly pfx: PfxMaker,
  ) {}

  static async open({ config, database, vault, clock, onFault, onTryLater, pfxMaker = {} }: Foundations): Promise<Pki> {
    const register = new CertificateRegister(database, clock);
    const shelf = new SqlCrlShelf(database);
    await register.prepare();
    await shelf.prepare();
    const stores = { keys: new VaultSigningKeys(vault, clock), register };
    const authorities = await Authorities.open(config, stores, clock.now());
    const lists = new RevocationLists(authorities, register, shelf, clock);
    const answers = new StatusAnswers(authorities, register, config.organization, { onFault, onTryLater });
    return new Pki(authorities, register, lists, answers, new PfxMaker(pfxMaker));
  }

  async close(): Promise<void> {
    await this.pfx.close();
    this.authorities.close();
  }
}
