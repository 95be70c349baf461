import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { clientPortal } from '../../../projections/client-portal/projection.js';
import { findCompany, listCases, listMaterials, listPermissions } from '../../../projections/client-portal/queries.js';
import type { CompanyRow, MaterialRow } from '../../../projections/client-portal/tables.js';
import { inJapan } from '../../kernel/calendar.js';
import { refusal } from '../../kernel/refusal.js';
import { Commands } from '../../platform/commands/decided-by.js';
import { type Caller, From } from '../../platform/http/caller.js';
import {
  ANSWERED,
  Answers,
  listOf,
  MayAsk,
  moment,
  orNull,
  shape,
  text,
  whole,
  yesNo,
} from '../../platform/http/documented.js';
import { Given, Trimmed } from '../../platform/http/follows.js';
import { Live } from '../../platform/http/live/live.js';
import { minVersionOf } from '../../platform/http/min-version.js';
import { orRefuse, Refused } from '../../platform/http/refused.js';
import { Only, Programs } from '../../platform/http/session-guard.js';
import { ReadModels } from '../../platform/projections/read-models.js';
import { companyStream, MANAGEMENT, senderTo, SERVICE, sessionOf, USER } from './access.js';
import { submitProcedure } from './messages.js';

class ProcedureDto {
  @Trimmed() @Given(100) procedure!: string;
}

const CASE_FIELDS = { acceptanceNumber: text, standard: text, actions: listOf(text) };
const MATERIAL = shape({ id: text, fileName: text, mediaType: text, sizeBytes: whole, addedAt: moment });
const LINK = shape({ en: text, ja: text, path: text });
const SETUP = shape({
  steps: listOf(shape({ step: whole, en: text, ja: text, doneAt: orNull(moment) })),
  done: whole,
  of: whole,
  completed: yesNo,
  guidance: orNull(
    shape({ operationManual: LINK, operationVideos: LINK, support: shape({ phone: text, mail: text }) }),
  ),
});

type CaseItem = Readonly<{ acceptanceNumber: string; standard: string; actions: readonly string[] }>;

/** Cases as each account may see them: the management account picks from all, a user has those granted. */
@Controller(SERVICE)
export class PortalCasesController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ReadModels) private readonly readModels: ReadModels,
  ) {}

  @Get('cases')
  @Live([clientPortal], 'acceptanceNumber')
  @Programs('cases:read')
  @MayAsk('minVersion')
  @Answers(200, shape({ items: listOf(shape(CASE_FIELDS)) }))
  @Only(MANAGEMENT, USER)
  async list(@From() caller: Caller, @Query('minVersion') minVersion?: string) {
    await this.reached(caller, minVersion);
    // A company has a few dozen cases at most, so the list needs no pages.
    return { items: await this.visible(caller) };
  }

  @Get('cases/:acceptanceNumber')
  @Live([clientPortal], 'acceptanceNumber')
  @Programs('cases:read')
  @MayAsk('minVersion')
  @Answers(200, shape({ ...CASE_FIELDS, materials: listOf(MATERIAL) }), 'NOT_FOUND')
  @Only(MANAGEMENT, USER)
  async one(
    @Param('acceptanceNumber') acceptanceNumber: string,
    @From() caller: Caller,
    @Query('minVersion') minVersion?: string,
  ) {
    await this.reached(caller, minVersion);
    const found = (await this.visible(caller)).find((item) => item.acceptanceNumber === acceptanceNumber);
    if (!found) throw new Refused(refusal('NOT_FOUND'));
    const { tenant } = sessionOf(caller);
    const materials = await this.readModels.query(clientPortal, (rows) =>
      listMaterials(rows, tenant, acceptanceNumber),
    );
    return { ...found, materials: materials.map(materialItem) };
  }

  @Post('cases/:acceptanceNumber/procedures')
  @Answers(201, ANSWERED, 'NOT_FOUND')
  @Only(MANAGEMENT, USER)
  async submit(
    @Param('acceptanceNumber') acceptanceNumber: string,
    @Body() { procedure }: ProcedureDto,
    @From() caller: Caller,
  ) {
    const { tenant: clientCode } = sessionOf(caller);
    const command = submitProcedure({ clientCode, acceptanceNumber, procedure });
    const { events, version } = orRefuse(await this.commands.send(command, senderTo(caller, clientCode)));
    const { procedureId } = events[0]!.data as { procedureId: string };
    return { id: procedureId, version };
  }

  @Get('setup')
  @Live([clientPortal])
  @Programs('setup:read')
  @MayAsk('minVersion')
  @Answers(200, SETUP, 'NOT_FOUND')
  @Only(MANAGEMENT)
  async setup(@From() caller: Caller, @Query('minVersion') minVersion?: string) {
    await this.reached(caller, minVersion);
    const { tenant } = sessionOf(caller);
    const company = await this.readModels.query(clientPortal, (rows) =>
      findCompany(rows, tenant, companyStream(tenant)),
    );
    if (!company) throw new Refused(refusal('NOT_FOUND'));
    const steps = stepsOf(company);
    const done = steps.filter((step) => step.doneAt !== null).length;
    return {
      steps,
      done,
      of: steps.length,
      completed: company.completed_at !== null,
      guidance: company.completed_at ? GUIDANCE : null,
    };
  }

  private async visible(caller: Caller): Promise<readonly CaseItem[]> {
    const { accountId, tenant, role } = sessionOf(caller);
    if (role === 'management') {
      const cases = await this.readModels.query(clientPortal, (rows) => listCases(rows, tenant));
      return cases.map(({ acceptance_number, standard }) => ({
        acceptanceNumber: acceptance_number,
        standard,
        actions: ['select'],
      }));
    }
    const held = await this.readModels.query(clientPortal, (rows) => listPermissions(rows, accountId));
    return held.map(({ acceptance_number, standard, procedure_user }) => ({
      acceptanceNumber: acceptance_number,
      standard,
      actions: ['view', ...(procedure_user === 1 ? ['submitProcedure'] : [])],
    }));
  }

  private reached(caller: Caller, minVersion: string | undefined): Promise<void> {
    return this.readModels.untilVersion(
      clientPortal,
      companyStream(sessionOf(caller).tenant),
      minVersionOf(minVersion),
    );
  }
}

const materialItem = (material: MaterialRow) => ({
  id: material.material_id,
  fileName: material.file_name,
  mediaType: material.media_type,
  sizeBytes: material.size_bytes,
  addedAt: inJapan(new Date(material.added_at)),
});

const STEPS = [
  ['logged_in_at', 'Log in with the management account', '管理アカウントでログインする'],
  ['password_changed_at', 'Change its password', '管理アカウントのパスワードを変更する'],
  ['user_created_at', 'Create users', 'ユーザーを作成する'],
  ['view_granted_at', 'Grant view permission', '閲覧権限を付与する'],
  ['procedure_granted_at', 'Grant procedure permission', '手続き権限を付与する'],
] as const;

const stepsOf = (company: CompanyRow) =>
  STEPS.map(([column, en, ja], index) => {
    const at = company[column];
    return { step: index + 1, en, ja, doneAt: at === null ? null : inJapan(new Date(at)) };
  });

/** Where to go once everything is set up; sample contact data until an operator puts in its own. */
const GUIDANCE = {
  operationManual: { en: 'Operation manual', ja: '操作マニュアル', path: '/guidance/operation-manual' },
  operationVideos: { en: 'Operation videos', ja: '操作動画', path: '/guidance/operation-videos' },
  support: { phone: '03-0000-0000', mail: 'support@example.com' },
} as const;
