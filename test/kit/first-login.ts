const JSON_TYPE = { 'content-type': 'application/json' };
const TRIES_MAX = 5;

/** What tests choose instead of the password that the first start told. */
export const chosenFor = (initial: string): string => `${initial}-own`;

export type Login = Readonly<{ cookie: string; csrfToken: string }>;

const login = async (url: string, password: string): Promise<(Login & { mustChangePassword: boolean }) | null> => {
  const body = JSON.stringify({ loginId: 'back.office', password });
  const answer = await fetch(`${url}/back-office/sessions`, { method: 'POST', headers: JSON_TYPE, body });
  if (answer.status !== 201) return null;
  const { csrfToken, mustChangePassword } = (await answer.json()) as { csrfToken: string; mustChangePassword: boolean };
  const cookies = answer.headers.getSetCookie().map((text) => text.split(';', 1)[0]);
  return { cookie: cookies.join('; '), csrfToken, mustChangePassword };
};

/** Logs in to the back office over the network, with a password of its own from the first time on. */
export const firstLogin = async (url: string, initial: string): Promise<Login> => {
  const newPassword = chosenFor(initial);
  // Somebody else may be about to change it.
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const entered = (await login(url, newPassword)) ?? (await login(url, initial));
    if (!entered) continue;
    if (!entered.mustChangePassword) return entered;
    const { cookie, csrfToken } = entered;
    const { status } = await fetch(`${url}/back-office/me/password`, {
      method: 'PUT',
      headers: { ...JSON_TYPE, cookie, 'x-csrf-token': csrfToken },
      body: JSON.stringify({ currentPassword: initial, newPassword, newPasswordRepeat: newPassword }),
    });
    if (status === 200) return entered;
  }
  throw new Error('staff cannot log in');
};
