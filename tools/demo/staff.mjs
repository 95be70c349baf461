import { Person, stop } from './person.mjs';

const NOT_LOGGED_IN = 401;

/** Somebody of the back office, who logs in anew where days have been made to pass: sessions end meanwhile. */
export class Staff extends Person {
  constructor(password) {
    super();
    this.password = password;
  }

  async login() {
    const { status, answer } = await super.ask('POST', 'back-office/sessions', {
      loginId: 'back.office',
      password: this.password,
    });
    if (status !== 201) stop(`The back office cannot log in: ${answer.title}`);
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
