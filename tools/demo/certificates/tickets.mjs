import readXlsx from 'read-excel-file/node';
import { Person } from '../person.mjs';

const SITE = 'e-contract/ticket-purchases';
const TERMS = ['oneYear', 'twoYears', 'threeYears'];
const billing = {
  companyName: '見本橋梁建設株式会社',
  department: '総務部',
  postalCode: '980-0000',
  address: '宮城県仙台市見本1-2-3',
  phone: '022-000-0000',
  contactName: '見本 花子',
};

/** Buys one ticket and answers its number, which stands nowhere but in the mail's workbook. */
export const buyTicket = async ({ staff, mailbox, line }, { owner, number }, years) => {
  const contactMail = `orders.${number}.${years}@example.com`;
  const buyer = new Person();
  const { id } = await buyer.does('POST', SITE, { companyCode: owner, contactMail });
  line.watch(`target=${id}`);
  const link = await mailbox.link(contactMail, id);
  await buyer.does('GET', link.path);
  const headers = { 'x-link-token': link.token };
  await buyer.does('POST', `${SITE}/${id}/delivery-type`, { type: 'DIRECT' }, headers);
  const quantities = Object.fromEntries(TERMS.map((term, index) => [term, index + 1 === years ? 1 : 0]));
  await buyer.does('POST', `${SITE}/${id}/details`, { ...billing, ...quantities }, headers);
  const { totalYen } = await buyer.does('GET', `${SITE}/${id}`, undefined, headers);
  const { orderNo } = await buyer.does('POST', `${SITE}/${id}/order`, {}, headers);
  const order = `back-office/ticket-orders/${id}`;
  await line.tell(`A contact follows the mailed link and orders one ${years}-year ticket for ¥${totalYen}`, order);

  await staff.does('POST', `${order}/fulfilment`, {});
  const isWorkbook = ({ fileName }) => fileName.endsWith('.xlsx');
  const mail = await mailbox.newest(contactMail, ({ attachments }) => attachments.some(isWorkbook));
  const [sheet] = await readXlsx(await mailbox.attachment(mail, isWorkbook));
  const ticket = String(sheet.data[1][0]);
  await line.tell(
    `The back office fulfils order ${orderNo}; the mail brings the ticket as a workbook, and the invoice`,
  );
  return ticket;
};
