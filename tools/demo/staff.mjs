import { randomBytes } from 'node:crypto';
import { Person, stop } from './person.mjs';

const NOT_LOGGED_IN = 401;
/** What stands in for the password that the demo was given, for everybody of the back office in it. */
const chosen = new Map();

/** Somebody of the back office, who logs in anew where days have been made to pass: sessions end meanwhile. */
export class Staff extends Person {
  constructor(password) {
    super();
    this.password = chosen.get(password) ?? password;
  }

  async login() {
    const { status, answer } = await super.ask('POST', 'back-office/sessions', {
      loginId: 'back.office',
      password: this.password,
    });
    if (status !== 201) stop(`The back office cannot log in: ${answer.title}`);
    if (answer.mustChangePassword) await this.choosePassword();
  }

  /** What the first start told opens nothing but its own change. */
  async choosePassword() {
    const newPassword = `demo-${randomBytes(9).toString('base64url')}-1`;
    const change = { currentPassword: this.password, newPassword, newPasswordRepeat: newPassword };
    const { status, answer } = await super.ask('PUT', 'back-office/me/password', change);
    if (status !== 200) stop(`The initial password cannot be changed: ${answer.title}`);
    chosen.set(this.password, newPassword);
    this.password = newPassword;
    console.log(
      `The initial password of back.office was changed, as it must be. From now on:  npm run demo -- ${newPassword}\n`,
    );
  }

  async ask(...question) {
    const answered = await super.ask(...question);
    if (answered.status !== NOT_LOGGED_IN) return answered;
    await this.login();
    return super.ask(...question);
  }
}

export const staffWith = async (password) => {
  const staff = new Staff(password);
  await staff.login();
  return staff;
};
