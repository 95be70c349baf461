import { Person } from '../person.mjs';
import { answerTo } from '../sum-in-words.mjs';

const SITE = 'e-contract/issuance';
export const PIN = 'Abcd1234Efgh';
const SCAN = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n', 'latin1');

const challengeAnswered = async (person) => {
  const { id, spoken } = await person.does('POST', `${SITE}/challenges`);
  return { challengeId: id, challengeAnswer: answerTo(spoken.en) };
};

/** The agent registers an application for this ticket; the mail with the link is on its way. */
export const register = async ({ line }, { owner, mails }, ticketNumber) => {
  const agent = new Person();
  const { version: dutiesVersion } = await agent.does('GET', `${SITE}/duties`);
  const { id, key } = await agent.does('POST', `${SITE}/applications`, { dutiesVersion, agreed: true });
  line.watch(`target=${id}`);
  const path = `${SITE}/applications/${id}`;
  const headers = { 'x-application-key': key };
  const applicant = { applicantType: 'agent', companyCode: owner, ticketNumber, mail: mails.agent };
  const checked = { ...applicant, mailRepeat: mails.agent, ...(await challengeAnswered(agent)) };
  const { proof } = await agent.does('POST', `${path}/confirmation`, checked, headers);
  const { linkExpiresAt } = await agent.does(
    'POST',
    `${path}/registration`,
    { ...applicant, proof, agreed: true },
    headers,
  );
  return { id, path, linkExpiresAt, desk: `back-office/applications/${id}` };
};

/** The agent's pages behind the link, up to the submission. */
export const submit = async ({ mailbox }, { mails, holderUserId }, { id, path }) => {
  const agent = new Person();
  const link = await mailbox.link(mails.agent, id);
  await agent.does('GET', link.path);
  const headers = { 'x-link-token': link.token };
  const scan = { ...headers, 'content-type': 'application/pdf' };
  await agent.does('POST', `${path}/identity-document?fileName=card.pdf`, SCAN, scan);
  const details = {
    companyName: '見本橋梁建設株式会社',
    companyNameKana: 'ミホンキョウリョウケンセツカブシキガイシャ',
    familyName: '見本',
    givenName: '太郎',
    familyNameKana: 'ミホン',
    givenNameKana: 'タロウ',
    holderUserId,
    holderMail: mails.holder,
    displayName: 'Mihon.Taro',
    contactPhone: '03-0000-0000',
  };
  await agent.does('POST', `${path}/details`, details, headers);
  await agent.does('POST', `${path}/summary`, details, headers);
  await agent.does('POST', `${path}/submission`, details, headers);
};

/** The holder reads everything, saves it and approves; the PIN protects the key that is made here. */
export const approve = async ({ mailbox }, { mails }, { id, path }) => {
  const holder = new Person();
  const link = await mailbox.link(mails.holder, id);
  await holder.does('GET', link.path);
  const headers = { 'x-link-token': link.token };
  await holder.does('POST', `${path}/holder-summary`, { pin: PIN }, headers);
  await holder.does('POST', `${path}/approval`, { pin: PIN, confirmed: true, withoutSummary: false }, headers);
};
